"""The jobs table is the queue: booking, leases, turns, progress, the answer queue, queries about jobs.

In: drops to book, batches to record, workers that need work. Out: records of ``model.job``, never rows. It imports the
database and the model; the pipeline, workers and reports import it.
"""
