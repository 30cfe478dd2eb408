"""Prefect's part: when something is imported, how many at once, what a run shows and how it ends.

In: what the scheduler, the watcher or a person in the UI starts. Out: runs of Prefect with progress, artifacts, states;
no business word is decided here. It imports Prefect, which no other room does, and everything below; only the command
line imports it, and only when a command of ``crossdock prefect`` is called.
"""
