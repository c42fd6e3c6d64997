"""The `parley` command: one module per group of commands, for people and for scripts."""
