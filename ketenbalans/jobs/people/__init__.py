"""Who acts, on a page or on the command line."""
