"""What carriers take for a shipment: a request and a rate card in, quotes out (contracts/http.md §4, wms.md §11).

Pure and exact: nothing here reads a database or a clock, and no amount is ever a float. Imports nothing but the
code lists of ``schema``. ``request`` reads what is asked for, ``rate_card`` has what carriers charge, ``quotation``
compares them, ``charges`` computes.
"""
