"""What is kept: logs, statements, links, the case index and the desk's own papers."""
