"""argon2 behind two functions."""
