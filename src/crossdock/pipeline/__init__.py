"""A drop becomes rows: staging → normalize → lookup → validate → reconcile → load, batch by batch.

In: a ``Drop`` and the database. Out: rows, failures, books and progress, written in one transaction per batch, and the
``Report`` of the job. ``import_drop`` and ``dry_run`` both use ``run``; ``batch`` has the order of the steps. No
report, no worker and no Prefect is imported.
"""
