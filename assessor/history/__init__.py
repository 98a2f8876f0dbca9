"""Runs over time: what changed since the run before."""
