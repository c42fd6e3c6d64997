"""The officers' web pages: rendered here, kept fresh by small modules in the browser."""
