"""Ground floor: database, jobs, number series, files, logs. Knows nothing of the trade."""
