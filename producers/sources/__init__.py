"""One module per source that hands over extracts."""
