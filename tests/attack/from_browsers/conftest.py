"""The house of the browser tests."""

from tests.browser.conftest import app, browser, database_url, house

__all__ = ["app", "browser", "database_url", "house"]
