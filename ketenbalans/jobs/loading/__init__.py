"""From an extract to the topic, and from the topic into the warehouse."""
