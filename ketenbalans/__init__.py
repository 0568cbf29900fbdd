"""What lies between and around the DAGs, producers, schemas and warehouse."""
