"""How good links are: measure them, draw some for a person to judge, and take what was judged."""
