"""An event to bytes and back, and why a message is refused."""
