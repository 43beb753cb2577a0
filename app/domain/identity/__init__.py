"""People who sign in: accounts, sessions on the server, dated grants of roles, throttling."""
