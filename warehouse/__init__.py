"""Tables, migrations, loading and reading. The only SQL, and the only place that knows PostgreSQL."""
