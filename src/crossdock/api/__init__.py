"""The API over HTTP: a door, not a second house.

In: requests. A body is a drop and goes the way of every drop; a question asks what the command line asks. Out: answers
in the warehouse API's shapes, and problem details for what HTTP itself refuses. It holds no rule of business and no
SQL. Colleagues: ``create_app`` and ``serve`` only.
"""
