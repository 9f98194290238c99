"""The history of the database's tables, run by reporting.store when it opens a database."""
