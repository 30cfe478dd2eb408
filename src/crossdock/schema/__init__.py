"""What documents are declared with: fields, levels, roles, relations, rules, code lists.

In: nothing. Out: ``Document`` and everything of which a declaration consists, the pandera schema of a level, and a
document in words. It imports failures; it knows no document.
"""
