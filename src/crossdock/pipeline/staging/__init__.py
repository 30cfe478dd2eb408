"""A file is read once and cut into batches of whole documents.

In: the blocks of a format's reader. Out: a ``Plan``: how many documents there are, and batches of raw text that are
spooled to disk, each with the documents of its records. It imports normalize, because a document's number is compared
as it is stored.
"""
