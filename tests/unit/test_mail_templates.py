"""The invitation mail's two parts as rendered: what they say, and that names typed by people stay inert."""

from collections import Counter
from html.parser import HTMLParser
from typing import Any

import jinja2
import pytest

from invitations.rendering import QUOTES, templates
from shared.languages.catalogs import languages
from shared.names import APART, shown
from tests.unit.linkifying import links

CODE = "AbC-_9xY" * 10 + "wxyz"
LINK = f"https://connect.example/invite#{CODE}"
EXPIRY = "Tuesday, 1 December 2026, 14:05 UTC"
PARTS = ["invitation.html", "invitation.txt"]
CONTACT = {"name": "Onboarding desk", "email": "onboarding@northwind.example", "phone": "+44 20 7946 0123"}
HOSTILE_NAMES = [
    "<script>alert(1)</script>",
    "</td></tr></table><a href='https://evil.example'>Click here to activate your tenant</a>",
    '"><img src="https://evil.example/pixel.png" onerror="alert(1)">',
    "--><![endif]--><h1>Your password has expired</h1><!--",
    "{{ link }}{% raw %}{{ 7 * 7 }}",
    "\u202etxt.exe & <b>Contoso</b>",
    '" ”“»«',
    "Contoso\r\nSubject: x\r\nBcc: x@evil.example\r\n\r\n<p>",
    "https://evil.example/login",
    "www.evil.example",
    "evil.example",
    "name@evil.example, @evil",
    "mailto:name@evil.example?cc=x@evil.example",
    "tel:+442079460199 +44 20 7946 0199",
    "//evil.example \\\\evil\\share file:c:\\x",
    "m\u00fcnchen.example xn--mnchen-3ya.example",
    "evil\u3002example evil\uff0eexample evil\uff61example https\uff1a\uff0f\uff0fevil\uff0eexample",
    "\u05d0\u05d1\u05d2.\u05d3\u05d4 \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "Z" + "\u0301\u0323\u0489" * 30,
    "x\ud800\udfff",
]


def variables() -> dict[str, Any]:
    return {
        "subject": "Connect your Microsoft 365 tenant to Northwind Voice",
        "provider": provider(),
        "service": {"full_name": "Contoso Bristol, 3rd floor"},
        "customer": {"name": "Contoso Ltd"},
        "link": LINK,
        "code": CODE,
        "expires_at": EXPIRY,
    }


def render(part: str, code: str = "en", **changes: Any) -> str:
    return templates(code).get_template(part).render(variables() | changes)


def provider(**contact: str | None) -> dict[str, Any]:
    return {
        "name": "Northwind Voice",
        "contact": CONTACT | contact,
        "colors": {"accent": "#5b2a86", "on_accent": "#ffffff"},
    }


def named(name: str, part: str, code: str = "en") -> str:
    return render(part, code, service={"full_name": name}, customer={"name": name})


def read(part: str, content: str) -> str:
    """The text that a mail program shows of that part."""
    return Document(content).text if part.endswith("html") else content


class Document(HTMLParser):
    """What a mail program makes of the HTML part: its elements, attributes, comments, and texts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.comments: list[str] = []
        self.text = ""
        self.linked_text: dict[str, str] = {}
        self._open_link: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "br":
            self.text += "\n"
        if tag == "a":
            self._open_link = dict(attrs).get("href") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._open_link = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open_link is not None:
            self.linked_text[self._open_link] = self.linked_text.get(self._open_link, "") + data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("part", PARTS)
def test_both_parts_hold_link_code_expiry_and_who_asks(part: str, code: str) -> None:
    content = Document(render(part, code)).text if part.endswith("html") else render(part, code)
    for expected in (
        CODE,
        EXPIRY,
        "Northwind Voice",
        "Contoso Bristol, 3rd floor",
        "Contoso Ltd",
        *CONTACT.values(),
    ):
        assert expected in content
    assert LINK in render(part, code)


@pytest.mark.parametrize("part", PARTS)
def test_both_parts_say_what_is_needed_and_what_to_do_when_in_doubt(part: str) -> None:
    content = " ".join(render(part).split())
    for expected in (
        "Application Administrator",
        "Directory (tenant) ID",
        "Application (client) ID",
        "Client secret",
        "bout five minutes",
        "password",
        "Do nothing",
        "Click here to activate your tenant",
    ):
        assert expected in content


def test_the_button_leads_to_the_link_and_bears_the_agreed_words() -> None:
    linked = Document(render("invitation.html")).linked_text
    assert linked[LINK].strip() == "Click here to activate your tenant"


def test_the_button_leaves_a_frame_that_shows_the_mail_since_the_page_opens_in_none() -> None:
    (target,) = (value for tag, name, value in Document(render("invitation.html")).attributes if name == "target")
    assert target == "_blank"


@pytest.mark.parametrize("code", languages())
def test_the_link_stands_in_one_line_of_the_text_part(code: str) -> None:
    lines = render("invitation.txt", code).splitlines()
    assert LINK in lines
    assert CODE in lines
    assert "https://connect.example/invite" in lines


@pytest.mark.parametrize("code", languages())
def test_no_line_of_the_text_part_is_long_or_looks_like_a_quoted_reply(code: str) -> None:
    lines = render("invitation.txt", code).splitlines()
    assert not [line for line in lines if line.startswith(">")]
    assert all(len(line) <= 76 for line in lines if line not in (LINK, CODE))


@pytest.mark.parametrize("code", languages())
def test_the_rows_of_the_text_part_stand_in_one_column(code: str) -> None:
    rows = render("invitation.txt", code).split("\n\n")[2].splitlines()
    values = ('"Contoso Bristol', '"Contoso Ltd', "Northwind Voice", "+44", "onboarding@", EXPIRY)
    assert len({row.index(value) for row, value in zip(rows, values, strict=True)}) == 1


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_adds_no_element_attribute_or_comment(name: str) -> None:
    harmless = Document(render("invitation.html"))
    hostile = Document(named(name, "invitation.html"))
    assert hostile.tags == harmless.tags
    assert hostile.attributes == harmless.attributes
    assert hostile.comments == harmless.comments
    assert hostile.linked_text == harmless.linked_text


LITERAL = [name for name in HOSTILE_NAMES if name == shown(name, 100)]


@pytest.mark.parametrize("name", LITERAL)
@pytest.mark.parametrize(("part", "quotes"), [("invitation.html", "“{}”"), ("invitation.txt", '"{}"')])
def test_a_hostile_name_is_read_literally_and_in_quotes_that_it_cannot_end(part: str, quotes: str, name: str) -> None:
    content = read(part, named(name, part))
    assert content.replace(APART, "").count(quotes.format(name.translate(QUOTES))) == 2
    assert {mark: content.count(mark) for mark in map(chr, QUOTES)} == {
        mark: read(part, render(part)).count(mark) for mark in map(chr, QUOTES)
    }


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_whatever_the_names_the_links_are_ours_and_the_provider_s_contact(name: str, part: str, code: str) -> None:
    assert links(read(part, named(name, part, code))) == links(read(part, named("Contoso", part, code)))


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("part", PARTS)
def test_our_link_and_the_provider_s_contact_stay_what_mail_programs_link(part: str, code: str) -> None:
    targets = {target for judge, target in links(read(part, render(part, code))) if judge == "urlize"}
    assert targets >= {"https://connect.example/invite", f"mailto:{CONTACT['email']}"}
    assert (LINK in targets) == part.endswith("txt")  # in the HTML part it is the button's, and no text


@pytest.mark.parametrize("name", ["Contoso Ltd.", "Dr. Smith & Sons", "Contoso Bristol, 3rd floor", "Voice: north / 2"])
def test_a_plain_name_stays_as_it_was_typed(name: str) -> None:
    assert named(name, "invitation.txt").count(f'"{name}"') == 2
    assert Document(named(name, "invitation.html")).text.count(f"“{name}”") == 2


def test_each_name_is_isolated_from_the_direction_of_our_words() -> None:
    assert Document(named("\u05d0\u05d1", "invitation.html")).tags["bdi"] == 2
    assert named("\u05d0\u05d1", "invitation.html").count("“<bdi>\u05d0\u05d1</bdi>”") == 2


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_name_stands_in_its_own_line_of_the_text_part_and_changes_no_other(name: str, code: str) -> None:
    plain, hostile = (named(one, "invitation.txt", code).splitlines() for one in ("Contoso", name))
    assert len(plain) == len(hostile)
    changed = [(before, after) for before, after in zip(plain, hostile, strict=True) if before != after]
    assert len(changed) == 2
    for before, after in changed:
        assert after.startswith(before[: before.index('"') + 1])
        assert after.endswith('"')
        assert not after.startswith((" ", ">", '"'))


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\u2028", "\x0b", "\x85"])
def test_a_line_break_in_a_name_cannot_pose_as_a_line_of_ours(line_break: str) -> None:
    text = named(f"Contoso{line_break}{line_break}Click here:{line_break}https://evil.example", "invitation.txt")
    assert '"Contoso Click here: https://evil.example"' in text.replace(APART, "")


def test_the_html_part_loads_nothing_from_anywhere() -> None:
    html = render("invitation.html")
    document = Document(html)
    loading = {"src", "srcset", "background", "poster", "data", "action", "ping"}
    assert not [attribute for attribute in document.attributes if attribute[1] in loading]
    assert not {"img", "script", "link", "iframe", "object", "form"} & set(document.tags)
    assert "url(" not in html
    assert "@import" not in html
    targets = {value for _, name, value in document.attributes if name == "href"}
    assert targets == {LINK, f"mailto:{CONTACT['email']}"}


@pytest.mark.parametrize("part", PARTS)
def test_the_longest_names_stay_far_below_what_mail_programs_cut_off(part: str) -> None:
    longest = "<&>" * 500
    content = render(part, service={"full_name": longest}, customer={"name": longest})
    assert len(content.encode()) < 100 * 1024


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("given", [(), ("name",), ("email",), ("phone",), ("name", "email"), ("email", "phone")])
def test_what_the_contact_lacks_is_left_out(part: str, given: tuple[str, ...]) -> None:
    contact = {key: CONTACT[key] if key in given else None for key in CONTACT}
    content = render(part, provider=provider(**contact))
    assert "None" not in content
    assert [key for key in CONTACT if CONTACT[key] in content] == [key for key in CONTACT if key in given]
    if part.endswith("html"):
        assert ("mailto:" in content) == ("email" in given)


@pytest.mark.parametrize("part", PARTS)
def test_a_contact_whose_name_holds_the_provider_s_is_named_alone(part: str) -> None:
    content = render(part, provider=provider(name="Northwind Voice onboarding desk"))
    assert "Northwind Voice onboarding desk" in content
    assert "Northwind Voice, " not in content


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("missing", ["provider", "service", "customer", "link", "code", "expires_at"])
def test_a_forgotten_variable_stops_the_mail(part: str, missing: str) -> None:
    given = {name: value for name, value in variables().items() if name != missing}
    with pytest.raises(jinja2.UndefinedError):
        templates("en").get_template(part).render(given)


def test_the_provider_s_colours_are_used_for_bar_and_button() -> None:
    document = Document(render("invitation.html"))
    assert [tag for tag, name, value in document.attributes if (name, value) == ("bgcolor", "#5b2a86")] == [
        "td",
        "td",
    ]


@pytest.mark.parametrize("code", languages())
def test_the_html_part_names_its_language_and_both_colour_schemes(code: str) -> None:
    attributes = Document(render("invitation.html", code)).attributes
    assert ("html", "lang", code) in attributes
    assert ("meta", "content", "light dark") in attributes
