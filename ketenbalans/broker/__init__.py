"""The only place that knows Kafka: clients, topics, sending, reading, the topics of dead letters."""
