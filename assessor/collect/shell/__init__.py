"""One script per host: how the probes are merged into it, and how its output is taken apart."""
