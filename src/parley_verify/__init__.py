"""A second, small implementation of the Parley protocol that checks exported evidence.

It shares no code with the station, and needs nothing but Python. Where `cryptography` is
installed it is used; elsewhere Ed25519 is checked in plain Python and ML-DSA is not checked,
which the verdict says.
"""
