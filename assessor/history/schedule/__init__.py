"""Runs that start by themselves: when they are due, and what the machine's scheduler is told."""
