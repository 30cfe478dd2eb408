"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods): bytes → records.

A child process opens the file (``child``, ``confined``); a file that it can't read is rewritten first (``rewrite``);
what the reader doesn't report is found in the XML (``formats.xlsx``) or the records (``old_records``); ``workbook`` is
the format.
"""
