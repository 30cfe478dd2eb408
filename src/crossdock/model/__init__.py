"""The nouns that travel between the steps: drop, batch, decision, report, job.

In: nothing; they are made by the packages above. Out: frozen dataclasses. They import partners (a drop knows its feed)
and frames, and no database.
"""
