"""What can be measured from a finished file's sound and picture."""
