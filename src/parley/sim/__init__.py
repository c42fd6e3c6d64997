"""A deterministic world of stations, links and faults."""
