"""Pages and notes that Airflow shows."""
