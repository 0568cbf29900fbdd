"""One step each: read, decide, write. Called by a DAG, the command line and the tests alike."""
