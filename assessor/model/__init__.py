"""The words of ``docs/words.md`` as frozen, typed values. Imports the standard library only."""
