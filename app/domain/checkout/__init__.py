"""Checkout: joins cart, shipping, stock, orders and payments in one transaction."""
