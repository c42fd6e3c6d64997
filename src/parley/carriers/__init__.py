"""Ways for frames to travel: each carrier moves whole frames over one kind of medium.

A carrier reports what it knows of the path and never looks inside a frame. Who the peer is, what
was said and whether it arrived is decided above, from the frames alone; so a carrier may lose,
repeat or reorder them and nothing worse than delay comes of it.
"""
