"""Great Expectations suites over what is stored, derived from the declarations in ``schemas``."""
