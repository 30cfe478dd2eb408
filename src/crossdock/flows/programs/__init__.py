"""The programs of ``crossdock prefect``: all of it on this machine; a server that is told, a worker, a watcher.

In: settings, and what is deployed. Out: processes that run until they are told to stop, and a server that knows
everything. They import the flows; only the command line and tests import them.
"""
