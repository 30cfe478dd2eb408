"""The nouns that travel between the steps: drop, batch, decision, report, job.

In: nothing; the packages above make them. Out: frozen dataclasses. They import partners (a drop knows its feed) and
frames, and no database.
"""
