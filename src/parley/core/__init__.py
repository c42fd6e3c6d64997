"""The protocol as pure state machines and functions: bytes and values in, values and bytes out."""
