"""The command ``assess``: parses, calls the pipeline, prints. One file a command group."""
