"""The reports of a job: the acknowledgement, texts, lists and the ERP's envelopes.

In: a job's tables. Out: texts in pieces, made while they are read, so memory stays flat. It imports the queries of
``jobs``, and nothing of the pipeline: a report can be written again at any time.
"""
