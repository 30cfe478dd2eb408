"""What people open in Excel: the fix-workbook and the templates. openpyxl lives here and nowhere else."""
