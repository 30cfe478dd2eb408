"""Text whose lines have no headings: columns by position, and lines of several types.

``places`` says where columns are and what is wrong with a line, ``text_lines`` gives the physical lines of a file;
``fixed`` is the format of lines that are all alike. In: bytes. Out: blocks of records. It imports the helpers of the
other formats of text.
"""
