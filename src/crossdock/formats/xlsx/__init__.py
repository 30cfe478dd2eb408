"""An .xlsx file as a zip of XML: what it contains that its reader doesn't report, inspected before it is read."""
