"""Pictures: checked on arrival, stored as they came and never shown, re-encoded by a job for the public."""
