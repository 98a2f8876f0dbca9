"""Runs past one machine: orders to workers in clients' networks, and what they hand over.

::

    hub      in ``assess run``: signs an order for each target, accepts what comes back
    worker   in ``assess worker``: obeys what it may, collects, signs, hands over

Joins stages, as ``pipeline`` does.
"""
