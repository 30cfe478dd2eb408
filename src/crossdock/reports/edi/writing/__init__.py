"""How the answers are written: segments → X12 or EDIFACT text, in the partner's characters and separators.

``x12`` and ``edifact`` write interchanges, ``codes`` translates our failures (``data/guides/answer_codes.csv``),
``as_sent`` repeats what the partner wrote. ``reports.edi`` imports from it; it imports the formats and the model only.
"""
