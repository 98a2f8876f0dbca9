"""The batch of a Windows host: one PowerShell script with framed output."""
