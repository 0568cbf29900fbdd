"""The settings, and where Kafka, the warehouse and Airflow are."""
