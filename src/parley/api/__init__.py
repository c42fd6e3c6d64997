"""The door for machines: REST resources, the event stream, and the control socket.

Everything goes through the gateway; nothing is decided here.
"""
