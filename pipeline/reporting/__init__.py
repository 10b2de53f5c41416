"""From findings to text: JSON, HTML and PDF."""
