"""What bringing goods to the buyer costs: a dated rate table by province, and free pick-up."""
