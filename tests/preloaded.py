"""Everything that a command of crossdock may import, imported: for the process that ``tests.commands`` forks from."""

import importlib
import pkgutil

import alembic.command  # noqa: F401  # for databases that are made on the way
import rich.table  # noqa: F401

import crossdock
import tests.commands  # noqa: F401

LEFT_OUT = ("crossdock.database.migrations.", "crossdock.__main__", "crossdock.flows")
"""Prefect, which the flows import, reads the environment once: each command has its own."""
for module in pkgutil.walk_packages(crossdock.__path__, "crossdock."):
    if not module.name.startswith(LEFT_OUT):
        importlib.import_module(module.name)
