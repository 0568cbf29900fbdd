"""What is stored, held against its declaration and its own past."""
