"""The deployments of this checkout, and the demonstration; the flows themselves are ``crossdock.flows``."""
