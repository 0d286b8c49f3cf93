"""What talks to the world outside: rendering, mail, documents, storage, clock."""
