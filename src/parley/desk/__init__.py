"""Procedures of dialogue as declarations, and the rules that run them."""
