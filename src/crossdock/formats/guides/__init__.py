"""Guides: how the segments of a set become records of text, as data (``data/guides/*.toml``).

In come the segments of a set (``formats.edi``) and its guide; out go a tree of loops, records under our names, and what
the standard forbids. ``dictionary`` says what segments are, ``guide`` which of them a set has and what becomes of them.
``walk`` makes the tree, ``check`` looks into segments, ``records`` makes records with the help of the others.
May be imported by ``formats.edi`` and by the formats beside it.
"""
