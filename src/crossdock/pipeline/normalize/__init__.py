"""The partner's words become ours: headings and codes, documents, types.

In: a batch of raw text. Out: typed rows per level, their failures, and a hash of each document's content. The steps are
``translate`` (the only border between their names and ours), ``assemble``, ``parse`` and ``content_hash``.
"""
