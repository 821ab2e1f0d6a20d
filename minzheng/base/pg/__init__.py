"""The embedded PostgreSQL: real servers for a demonstration and for tests, without an installation."""
