"""REST resources and the event stream; all through the gateway."""
