"""JSON: the objects of a text, nested or flat.

``stream`` takes one value after the other from a text that arrives in chunks; ``splitting`` says which member of an
object is a cell, and which one holds its lines; ``layouts`` does the same at once for objects that look alike;
where many are written alike, ``cutting`` cuts the text itself, ``moulds`` says what its fragments are, and ``alike``
makes columns of them. ``records`` makes records of all, ``reader`` is the format. In: bytes. Out: blocks of records.
It imports the helpers of text.
"""
