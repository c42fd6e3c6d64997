"""What Parley costs, each figure as a ratio to a raw baseline of the same run."""
