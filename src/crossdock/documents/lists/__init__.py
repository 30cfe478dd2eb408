"""The lists to which documents refer: items, customers, units, buildings and others.

One file per list, with one entry in ``DOCUMENTS``. They import the schema only.
"""
