"""Puts the planned probes to the targets; the only room that connects to anything."""
