"""From measurements to findings: one small function a rule, registered under its id."""
