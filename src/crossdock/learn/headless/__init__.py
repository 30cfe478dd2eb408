"""The shape of a sample: where its columns are, if no row of headings that a reader finds says so.

In: a file that no feed describes, and the headings that are known. Out: a ``Shape``, the format and the options with
which a reader reads it; None if the readers find everything by themselves. ``table`` looks at rows of cells, ``fixed``
at lines whose columns are parted by blanks, ``typed`` at lines of several types. Nothing here knows a document.
"""
