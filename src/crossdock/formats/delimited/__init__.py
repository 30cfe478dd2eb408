"""Text with delimiters (CSV and its kin): bytes → records.

``splitter`` is fast and refuses what is odd, ``rfc4180`` reads what is odd, ``widths`` and ``tidy`` judge whole rows
and single cells; ``reader`` is the format.
"""
