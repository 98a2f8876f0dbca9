"""What a template shows, as typed values in one language. The documented view model.

Every text here is ready to be shown: in the report's language, bounded, and with characters that
cannot be seen made visible. It is not escaped: that is the work of each writer, for its format.
Anchors are names inside the page, made of letters, digits and dashes.
"""
