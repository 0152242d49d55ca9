"""Measurements, each with the limit that the project holds itself to."""
