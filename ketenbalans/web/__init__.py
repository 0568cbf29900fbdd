"""The pages in Airflow: routes and what they send."""
