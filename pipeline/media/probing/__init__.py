"""What a recording is: container, streams, packets, times, oddities; told from its content."""
