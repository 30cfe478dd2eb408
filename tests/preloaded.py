"""Everything that a command of crossdock may import, imported: for the process that ``tests.commands`` forks from."""

import importlib
import pkgutil

import alembic.command  # noqa: F401  # for databases that are made on the way
import rich.table  # noqa: F401

import crossdock
import tests.commands  # noqa: F401

for module in pkgutil.walk_packages(crossdock.__path__, "crossdock."):
    if not module.name.startswith(("crossdock.database.migrations.", "crossdock.__main__")):
        importlib.import_module(module.name)
