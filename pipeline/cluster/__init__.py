"""Work for more than one machine: a queue that survives anything, and those who take from it."""
