"""The workers: a worker acquires a job, runs it through the pipeline, files it and answers it.

In: booked jobs, or a path, a stream or held documents that a person submits. Out: jobs that are done, set aside or put
off. It imports everything below; only the command line and the flows import it.
"""
