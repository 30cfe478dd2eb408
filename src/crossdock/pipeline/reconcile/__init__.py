"""What happens to a batch: the sent rows are compared with the stored ones.

In: typed rows, the stored side, failures. Out: a ``Decision`` batch: the rows to write, the change history, the books,
the outcome of each document, and the records that are retained. ``disposition`` is the order of the steps.
"""
