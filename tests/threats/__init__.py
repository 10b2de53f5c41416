"""Threats: what a stranger's file or name could do."""
