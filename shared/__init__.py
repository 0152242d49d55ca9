"""What at least two features use; nothing in here knows a feature."""
