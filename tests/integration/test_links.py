"""The link and its page: opening changes nothing, whoever or whatever opens it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.cloud import LocalCloud
from tests.integration.procedure import Onboarding, refused, view_of


def test_mail_scanners_change_nothing(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud)
    link = way.mail().link
    before, happened = way.read(), way.events()
    page, scanner = link.partition("#")[0], cloud.admin(link)

    def scan(number: int) -> int:
        method, path = (("HEAD", page), ("GET", page), ("GET", "/api/invitation"))[number % 3]
        return scanner.request(method, path, headers={"User-Agent": f"Scanner/{number}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(scan, range(60))) == {200}
    assert way.read() == before
    assert way.events() == happened
    assert view_of(way.admin(link))["status"] == "pending"


@pytest.mark.parametrize("name", ["", "/wizard.js", "/wizard.css", "/icon.svg"])
def test_the_page_is_served_alike_to_get_and_head(cloud: LocalCloud, name: str) -> None:
    got, head = (cloud.anybody().request(method, f"/invite{name}") for method in ("GET", "HEAD"))
    assert (got.status_code, head.status_code, head.content) == (200, 200, b"")
    assert head.headers.get("ETag") == got.headers.get("ETag")


@pytest.mark.parametrize("name", ["nothing.js", "..%2Ffunctions.py", "%2E%2E%2Fmail.py", "x.py", "index.HTML"])
def test_what_is_no_file_of_the_page_is_not_found(cloud: LocalCloud, name: str) -> None:
    refused(cloud.anybody().get(f"/invite/{name}"), 404, "not-found")
