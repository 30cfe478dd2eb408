"""Files come in: drop folders, uploads, archives, manifests → a ``Drop`` that one feed claims.

In: paths as partners leave them, whole or not. Out: a ``Drop`` (``recognise.open_drop``), an archive's members, or a
refusal in one sentence; a file that is complete is claimed into the work folder and booked as a job. It imports staging
(to look for a number in a file that waits), the job queue, partners and formats; it never imports a document.
"""
