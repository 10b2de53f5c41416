"""The register of a season: one row a lecture, written as a template, read from XLSX and CSV, every bad cell named."""
