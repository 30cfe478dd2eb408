"""Shapes: sets that look alike are read alike.

In: the text of a set, and what its guide made of others of its like. Out: its records, or nothing if its shape isn't
known. Imports the guides and the syntax of ``edi``; only the readers of ``edi`` import it.
"""
