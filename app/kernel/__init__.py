"""Plain values shared by every floor: money, time, ids, actors, errors, pages, text."""
