"""A functions host for a developer's machine: runs any Python v2 app on Azure's own worker library."""
