"""Reads what the user writes: assessment folders, inventories, profiles, the catalogue."""
