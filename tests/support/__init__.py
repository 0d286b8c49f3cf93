"""What tests run against: a real PostgreSQL server, a real web server, a real browser."""
