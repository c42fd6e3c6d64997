"""Languages of the console: gettext catalogues, English sentences as keys."""
