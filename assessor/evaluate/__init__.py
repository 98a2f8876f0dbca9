"""Captures to findings: pure, so that every verdict can be reached again from the evidence."""
