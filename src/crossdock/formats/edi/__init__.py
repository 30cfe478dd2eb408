"""EDI: X12 and EDIFACT interchanges → their envelopes, their sets, and the blocks of a reader.

In comes a file; out go ``Interchange``, ``GroupRecord``, ``SetRecord`` with everything that an acknowledgement needs,
and blocks of records. ``syntax`` cuts bytes into segments, the envelope modules find where interchanges, groups, sets
begin, ``sets`` reads each by its guide (``formats.guides``), ``reader`` makes blocks.
The formats ``x12`` and ``edifact`` are beside this package; only they and the intake import from it.
"""
