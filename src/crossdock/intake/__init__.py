"""Files come in: drop folders, archives, manifests → a ``Drop`` that one feed claims.

In: paths as partners leave them, complete or not. Out: a ``Drop`` (``recognise.open_drop``), an archive's members, or a
refusal in one sentence; a complete file is claimed into the work folder and booked as a job. It imports staging (to
search for a number in a waiting file), the job queue, partners and formats; it never stores a document.
"""
