"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods): bytes → records.

A child process opens the file (``child``, ``confined``); what it can't read is written anew first (``rewrite``); the
XML is scanned for what it hides (``sheet_scan``, ``inspection``); ``workbook`` is the format.
"""
