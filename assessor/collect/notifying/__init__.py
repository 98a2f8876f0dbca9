"""Sends notices: e-mail over verified TLS, and JSON over HTTPS. Bounded in time and in tries.

Nothing here falls back to plain text, follows a redirect, uses a proxy or reads ``.netrc``. What a
server answers stands in no error: it may repeat what it was sent.
"""
