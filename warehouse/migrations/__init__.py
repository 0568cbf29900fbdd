"""The migrations of the fixed tables. Event tables follow from the declarations and need none to come into being."""
