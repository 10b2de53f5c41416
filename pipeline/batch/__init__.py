"""Many lectures: which there are, what became of each, one after another; one failure never stops the others."""
