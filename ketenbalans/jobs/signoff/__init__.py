"""Sign-off: prepare, approve and withdraw figures, and say where each signature stands."""
