"""Text with delimiters (CSV and similar files): bytes → records.

``splitter`` reads usual lines fast, ``rfc4180`` reads unusual ones, ``widths`` and ``tidy`` check whole rows and single
cells; ``marks`` are the options of delimiters and quotes, ``reader`` is the format.
"""
