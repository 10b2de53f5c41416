"""Opening cards and covers: words placed on a raster, composed with moviepy, kept as short clips."""
