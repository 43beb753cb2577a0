"""Ground floor: database, jobs, files, logs. Knows nothing of the trade."""
