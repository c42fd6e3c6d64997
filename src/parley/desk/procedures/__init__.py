"""One file for each procedure; each stands alone."""
