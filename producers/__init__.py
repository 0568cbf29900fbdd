"""From a source extract to Kafka: read, map, pseudonymise, check, publish. One module per source. Never interprets."""
