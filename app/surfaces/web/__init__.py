"""What shop and desk share: policies, sessions, forms, pages, errors, headers."""
