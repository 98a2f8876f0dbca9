"""Restores a sample of a backup on a target: the one stage that writes there."""
