"""Learning a feed: a sample file → which document it is, which column is which field, and the TOML that says so.

In: the path of a file of a partner who has no feed. Out: a ``Proposal`` with the evidence for each column, and its
TOML. Nothing is guessed silently: a column is proved, unsure or left over. It imports partners, documents, formats and
what they are built on; it writes nothing and knows no database.
"""
