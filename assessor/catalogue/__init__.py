"""Finds, reads and loads check folders; imports none before it is used."""
