"""The embedded stack: real Kafka, real PostgreSQL and real Airflow, without Docker and without root."""
