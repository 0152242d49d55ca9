"""A cold start pays for no library that its first request does not need."""

from bench.cold_start import APP, LIMIT, ratio, run


def test_importing_and_indexing_the_app_keeps_to_its_limit() -> None:
    _, _, share = ratio(rounds=3)
    assert share <= LIMIT


def test_what_only_queue_functions_need_is_not_imported_at_the_start() -> None:
    heavy = (
        "msal",
        "azure.communication.email",
        "jinja2",
        "jwt",
        "cryptography",
        "azure.data.tables",
        "azure.identity",
    )
    program = f"{APP}\nimport sys\nprint([name for name in {heavy!r} if name in sys.modules])"
    assert run(program).stdout.strip() == "[]"
