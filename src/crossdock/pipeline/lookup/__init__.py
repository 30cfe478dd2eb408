"""What must be known before a batch is checked: what is stored, and what lists contain.

In: typed rows. Out: the stored side of each document, numbers and defaults of new ones, SKUs for the partner's item
numbers, the lines that other documents mean, and which version is newer. It queries the database through
``model.stored.Stored`` only.
"""
