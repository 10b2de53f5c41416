"""Opening cards, covers and lower thirds: words placed on a raster, composed with moviepy, kept as short clips."""
