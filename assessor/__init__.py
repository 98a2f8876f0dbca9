"""The engine of ``assess``; it knows no single check. Checks import :mod:`assessor.api`."""

__version__ = "0.1.0"
__all__ = ["__version__"]
