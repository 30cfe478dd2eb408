"""The answers in the standards of interchanges: a job and its interchange → X12 or EDIFACT text (contract edi.md §10).

In comes an ``EdiAnswer`` of the outbox, out goes a file name and its bytes, the same at every attempt. ``verdicts``
says which set is taken and what the standard has against it, ``outcomes`` what became of its documents; one module for
each message says where that stands, ``writing`` writes it. Others use ``rendering`` only.
"""
