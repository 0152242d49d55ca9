"""A walk through the procedure's 21 steps, as its three kinds of caller, with every answer checked."""

from local.demo.walk import run

__all__ = ["run"]
