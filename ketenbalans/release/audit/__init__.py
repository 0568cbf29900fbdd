"""The audit of releases: an attack on what was published, which shares no code with the method that made it."""
