"""Answers are delivered: reports are filed beside the drop, and sent at least once, in order.

In: finished jobs and the answers in the queue. Out: files in the archive and the partner's outbox, and POSTs. It
imports reports, jobs and intake's files; only workers and the programs import it.
"""
