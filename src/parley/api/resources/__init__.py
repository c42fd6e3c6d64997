"""One module for each group of resources."""
