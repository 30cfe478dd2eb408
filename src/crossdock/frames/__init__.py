"""Tables as the steps use them: Arrow columns, the rows of levels, numbers and dates as they are written.

In: frames and Arrow arrays. Out: the same, column by column; no function looks at one row alone. It imports the schema
and the characters that deceive (``failures.glyphs``).
"""
