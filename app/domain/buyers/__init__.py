"""What belongs to a buyer: saved addresses, an export of everything, and being forgotten."""
