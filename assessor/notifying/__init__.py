"""Tells people of runs: joins the evidence, the history and the report with the sending.

``news.py`` makes the news of a run's folder, ``sending.py`` sends it to whoever the settings name,
``record.py`` remembers what was told.
"""
