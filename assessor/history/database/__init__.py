"""The history in a database: SQLite in the assessment's folder, or PostgreSQL at an address.

Nothing stands in it that the run folders do not hold: it can be thrown away at any time. All SQL
of the programme is in this folder; what is computed from its rows is in the folder above.
"""
