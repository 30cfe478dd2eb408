"""``python -m crossdock``."""

from crossdock.cli import main

main()
