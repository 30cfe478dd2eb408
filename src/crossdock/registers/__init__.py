"""Registers: the small tables that are kept beside the documents and the jobs.

In: an open database and plain values. Out: frozen records, never rows. Each register is one file: keys, sessions, first
answers, sealed secrets, received acknowledgements, the runs of the night, what settings of business units mean. The
commands, the flows, the pipeline and the API use them.
"""
