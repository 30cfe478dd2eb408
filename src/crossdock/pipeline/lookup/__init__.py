"""What must be known before a batch is judged: what is stored, and what lists say.

In: typed rows. Out: the stored side of each document, numbers and defaults of new ones, SKUs for the partner's item
numbers, the lines that other documents mean, and which version is the newer. It asks the database through
``model.stored.Stored`` only.
"""
