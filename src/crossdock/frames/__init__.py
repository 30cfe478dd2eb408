"""Tables as the steps use them: Arrow columns, the rows of levels, numbers and dates as they are written.

In: frames and Arrow arrays. Out: the same, column by column; no function works on a single row. It imports the schema
and the deceptive characters (``failures.glyphs``).
"""
