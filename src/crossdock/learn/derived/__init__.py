"""What a feed makes of columns, or of the file's name, where no column is the field: join, split, multiply, from_name.

In: a proposal of columns. Out: the same with derivations, each with its evidence over all values of the sample. Each
module is one kind; ``finding`` asks them all. Nothing here writes a TOML.
"""
