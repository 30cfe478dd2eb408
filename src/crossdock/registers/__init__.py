"""Registers: the small tables that the API over HTTP and the flows keep beside the documents and the jobs.

In: an open database and plain values. Out: frozen records, never rows. Each register is one file: keys, sessions, first
answers, sealed secrets, received acknowledgements, nightly runs. The commands, the flows and the API use them.
"""
