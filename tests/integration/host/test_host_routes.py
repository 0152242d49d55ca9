"""Route templates, as tables.

They follow Learn, "Routing in ASP.NET Core" (templates, constraints, catch-alls, any case), to which the page "Azure
Functions HTTP trigger" points; rows that follow something else say so.
"""

import pytest

from local.host.routes import Route, decode_path

GUID = "11111111-aaaa-4bbb-8ccc-00000000000f"


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("", "", {}),
        ("", "x", None),
        ("invite", "invite", {}),
        ("invite", "Invite/", {}),
        ("invite", "invite/x", None),
        ("/invite", "invite", {}),
        ("invite/{asset}", "invite/wizard.css", {"asset": "wizard.css"}),
        ("invite/{asset}", "invite/", None),
        ("a/{b}/c", "a/x/c", {"b": "x"}),
        ("a/{b}/c", "a//c", None),
        ("{id:guid}", GUID, {"id": GUID}),
        ("{id:guid}", GUID.replace("-", ""), {"id": GUID.replace("-", "")}),
        ("{id:guid}", f"urn:uuid:{GUID}", None),
        ("{id:int}", "-12", {"id": "-12"}),
        ("{id:int}", "2147483648", None),
        ("{id:int}", "1x", None),
        ("{id:int:min(1)}", "0", None),
        ("{id:range(1,3)}", "3", {"id": "3"}),
        ("{name:length(2,3)}", "abcd", None),
        ("{name:alpha:maxlength(3)}", "abc", {"name": "abc"}),
        ("{flag:bool}", "TRUE", {"flag": "TRUE"}),
        (r"{code:regex(^\d{{2}}-[a-c/]+$)}", "12-ab", {"code": "12-ab"}),
        (r"{code:regex(^\d{{2}}$)}", "123", None),
        ("a/{b?}", "a", {}),
        ("a/{b?}", "a/", {}),
        ("a/{b?}", "a/x", {"b": "x"}),
        ("a/{b:int?}", "a", {}),
        ("a/{b:int?}", "a/x", None),
        ("a/{b=1}", "a", {"b": "1"}),
        ("a/{b:int=1}", "a/2", {"b": "2"}),
        ("{*path}", "", {}),
        ("{*path}", "a/b/", {"path": "a/b/"}),
        ("api/{*path}", "api", {}),
        ("api/{*path}", "api/a//b", {"path": "a//b"}),
        ("api/{*path}", "apix", None),
        ("api/{**path}", "api/a", {"path": "a"}),
        ("{name}.{kind}", "wizard.css", {"name": "wizard", "kind": "css"}),
        ("v{version:int}/x", "v2/x", {"version": "2"}),
        ("a+b(c)", "a+b(c)", {}),
        ("A/{Id}", "a/X", {"Id": "X"}),
        ("a/{b}", "a/x/", {"b": "x"}),
        ("a/{b}", "a//x", None),
        ("a/{b}", "/a/x", None),
        ("a/{b=1}/{c?}", "a", {"b": "1"}),
        ("a/{b=x}", "a/", {"b": "x"}),
        ("{when:datetime}", "2026-11-24", {"when": "2026-11-24"}),
        ("{when:datetime}", "soon", None),
        ("{n:long}", "9223372036854775807", {"n": "9223372036854775807"}),
        ("{n:long}", "9223372036854775808", None),
        ("{n:decimal}", "1.5", {"n": "1.5"}),
        ("{n:double}", "-1e3", {"n": "-1e3"}),
        ("{n:float}", "one", None),
        ("{n:max(5)}", "6", None),
        ("{name:minlength(2)}", "a", None),
        ("{name:length(3)}", "abc", {"name": "abc"}),
        ("{name:alpha}", "a1", None),
        ("{name:required}", "a", {"name": "a"}),
        ("{**path}", "a/b", {"path": "a/b"}),
        ("{*path:minlength(4)}", "a/b", None),
        # In azure-webjobs-sdk-extensions, HttpTriggerAttribute.Route resolves no settings, as its schedules do.
        ("a/%NAME%", "a/%name%", {}),
    ],
)
def test_a_path_matches_a_template(template: str, path: str, values: dict[str, str] | None) -> None:
    assert Route(template).match(path) == values


@pytest.mark.parametrize("template", ["{id:uuid}", "{}", "{a", "a}", "{*path}/x", "{id:length(x)}"])
def test_a_malformed_template_is_refused(template: str) -> None:
    """Learn, "Routing in ASP.NET Core"; in Azure such a function is not served, here the host does not start."""
    with pytest.raises(ValueError, match="route template"):
        Route(template)


@pytest.mark.parametrize(
    ("raw", "decoded"),
    [
        (b"/", ""),
        (b"/a/b", "a/b"),
        (b"/a%20b%C3%BC", "a bü"),
        (b"/a%2Fb%2f", "a%2Fb%2f"),
        (b"/a/./b/../c", "a/c"),
        (b"/%2e%2e/a", "a"),
        (b"/a//b", "a//b"),
        (b"/100%", "100%"),
        (b"/a%00", None),
        (b"*", None),
    ],
)
def test_a_path_is_decoded_except_for_escaped_slashes(raw: bytes, decoded: str | None) -> None:
    """dotnet/aspnetcore issues 2655, 17864 and 30655 (`%2F` stays)."""
    assert decode_path(raw) == decoded
