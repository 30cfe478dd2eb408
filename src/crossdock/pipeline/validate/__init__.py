"""What is wrong with a batch: cells, identity, references, uniqueness, other documents.

In: typed rows and what lookup found. Out: failures; nothing is changed. ``run`` is the order of the rules.
"""
