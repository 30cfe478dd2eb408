"""The lists that documents refer to: items, customers, units, buildings and their kin.

One file per list, an entry each in ``DOCUMENTS``. They import the schema only.
"""
