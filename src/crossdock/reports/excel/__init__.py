"""What people open in Excel: the fix-workbook and the templates. Only this package imports openpyxl."""
