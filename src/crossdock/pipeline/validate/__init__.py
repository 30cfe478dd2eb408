"""What is wrong with a batch: cells, identity, references, uniqueness, other documents.

In: typed rows and the results of lookup. Out: failures; nothing is changed. ``run`` has the order of the rules.
"""
