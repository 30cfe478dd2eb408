"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods): bytes → records.

A child process opens the file (``child``, ``confined``); a file that it can't read is rewritten first (``rewrite``);
the XML is scanned for what the reader doesn't report (``sheet_scan``, ``inspection``); ``workbook`` is the format.
"""
