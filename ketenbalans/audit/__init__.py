"""The audit chain as it has to be: canonical JSON, hashes, and what does not fit. Pure."""
