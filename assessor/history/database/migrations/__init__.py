"""The migrations of the history's tables (Alembic). They travel in the wheel as modules."""
