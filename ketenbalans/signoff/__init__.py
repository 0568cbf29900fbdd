"""Sign-off: figures that people sign, named by their digest, and what became of a signature."""
