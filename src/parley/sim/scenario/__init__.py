"""Histories as files of facts: read, played over simulated stations, compared with their claims."""
