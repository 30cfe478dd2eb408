"""Registers: the small tables that the API over HTTP keeps beside the documents and the jobs.

In: an open database and plain values. Out: frozen records, never rows. Each register is one file: keys, sessions, first
answers, settings and buildings of business units, sealed secrets, received acknowledgements. The commands and the API
use them.
"""
