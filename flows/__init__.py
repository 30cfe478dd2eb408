"""Prefect only: schedule, retry, concurrency, artifacts. No business word is decided here."""
