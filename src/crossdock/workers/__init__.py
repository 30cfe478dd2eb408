"""Work is done: a worker acquires a job, runs it through the pipeline, files it and answers.

In: jobs that are booked, or a path, a stream, held documents that somebody hands in. Out: jobs that are done, set aside
or put off. It imports everything below; only the command line and the flows import it.
"""
