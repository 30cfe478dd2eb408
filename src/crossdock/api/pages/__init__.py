"""The pages: a person in a browser signs in, uploads a file, and reads the answer.

In: forms and clicks. Out: HTML that works without scripts, and one script for what is nicer with it. A page asks what
the command line asks; it has no rule of business and no SQL. Colleagues: ``app.add_to`` only.
"""
