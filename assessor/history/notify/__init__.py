"""Telling people of a run: what changed, in which words, to whom. Pure; nothing here connects.

::

    comparison -> news.py -> message.py -> mail.py, payloads.py -> (collect.notifying sends it)
                                due.py decides, told.py remembers

A message goes through other people's hands. By construction it holds names of measures and targets,
counts, days and the organisation's name, and nothing that a machine answered.
"""
