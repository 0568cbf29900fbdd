"""From a source extract to Kafka: read, map, pseudonymise, validate, publish. One module per source. Never interprets."""
