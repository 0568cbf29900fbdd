"""The audit chain: checked, listed, and signed in checkpoints."""
