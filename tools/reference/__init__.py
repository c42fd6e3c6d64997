"""The reference pages, each written from the declarations in the code."""
