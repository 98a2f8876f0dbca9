"""Reads a statement, finds its claims, maps them to measures. Pure: no network, no clock."""
