"""What a partner's TOML means: the keys, the feeds, and what is wrong with them.

In: TOML files. Out: ``Partners`` with their ``Feed`` objects, or one sentence per mistake with line and nearest key. It
imports documents, formats (their options are keys of a feed) and failures.
"""
