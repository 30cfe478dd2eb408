"""The jobs table is the queue: booking, leases, turns, progress, the answer queue, questions about jobs.

In: drops to book, batches to write down, workers that ask for work. Out: records of ``model.job``, never rows. It
imports the database and the model; the pipeline, workers and reports import it.
"""
