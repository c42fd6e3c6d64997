"""The `parley` command, one module for each group of commands."""
