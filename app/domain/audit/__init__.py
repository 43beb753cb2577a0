"""The audit trail: who did what, where and when; rows are added and never touched again."""
