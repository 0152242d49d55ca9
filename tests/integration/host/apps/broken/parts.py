"""The module at fault."""


def _read() -> str:
    return {}["missing"]


wanted = _read()
