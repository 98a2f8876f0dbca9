"""Run folders: what was asked and answered, redacted, hashed, chained and sealed."""
