"""Papers about money: invoice, receipt and credit note, numbered without gaps and frozen when issued."""
