"""What can be wrong: the catalogue of codes, the sentences, the refusals, and ``Failures`` of a batch.

In: places and values. Out: one row per failure with severity and scope, and its sentence in the partner's words. It
imports nothing of crossdock.
"""
