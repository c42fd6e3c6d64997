"""Notices as others publish them: read, compared, and written in formats that others read.

Nothing here does I/O or knows what time it is. What a text does not say stays unknown.
"""
