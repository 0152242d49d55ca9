"""Does not load: an error deep in a module of the app."""

import azure.functions as func
from parts import wanted  # noqa: F401

app = func.FunctionApp()
