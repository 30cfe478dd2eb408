"""Text whose lines have no headings: columns by position, and lines of several types.

``places`` says where columns are and what is wrong with a line, ``text_lines`` yields the physical lines of a file;
``fixed`` is the format of lines that are all alike. ``record_options`` says which types of lines there are,
``typed_lines`` cuts them, ``nesting`` makes records of them; ``record_types`` is the format. In: bytes. Out: blocks of
records. It imports the helpers of the other formats of text.
"""
