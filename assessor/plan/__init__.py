"""Targets and checks to probes: pure, and the same for the same inputs."""
