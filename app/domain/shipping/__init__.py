"""What bringing goods to the buyer costs: dated rate tables, boxes, free pick-up at a time."""
