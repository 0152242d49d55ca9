"""The operator's use cases, a module for each noun."""
