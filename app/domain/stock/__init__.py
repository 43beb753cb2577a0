"""The stock ledger: every piece that enters, waits, leaves or is corrected, per UPT, for ever."""
