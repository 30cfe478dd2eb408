"""The answers in the standards of interchanges: a job and its interchange → X12 or EDIFACT text (contract edi.md §10).

In comes an ``EdiAnswer`` of the outbox, out goes a file name and its bytes, the same at every attempt. ``verdicts``
says which set is taken and what is wrong with it, ``codes`` translates that (``data/guides/answer_codes.csv``), one
module for each message says where it stands, ``x12`` and ``edifact`` write it. Others use ``rendering`` only.
"""
