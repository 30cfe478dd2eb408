"""The warehouse API (contracts/http.md §2): the endpoints of each document type, made of one table.

In: callers and bodies. Out: routers, which ``create_app`` includes. An endpoint makes a drop of a body, or asks what
the command line asks; it has no rule of its own.
"""
