"""Which sites may read the app's answers: the portal's exact origin and no other, however much it looks like it.

The platform decides (the local host, as Azure does); the app itself allows nothing to anybody.
"""

from urllib.parse import urlsplit

import pytest
import requests

from tests.integration.cloud import LocalCloud
from tests.integration.procedure import CONTOSO, Onboarding, good, submit

CALLS = (("GET", "/api/me"), ("POST", "/api/customers"), ("GET", "/api/invitation"), ("GET", "/api/nothing"))
OTHERS = (
    ("GET", "/invite"),
    ("GET", "/invite/wizard.js"),
    ("POST", "/api/invitation/submission"),
    ("GET", "/api/health"),
)


def disguised(portal: str) -> dict[str, str]:
    """Origins that are not the portal's."""
    parts = urlsplit(portal)
    host, port = parts.hostname, parts.port
    return {
        "another site": "https://evil.example",
        "no origin": "null",
        "everybody": "*",
        "nothing": "",
        "a suffix": f"{portal}.evil.example",
        "a longer port": f"{portal}0",
        "a shorter port": portal[:-1],
        "another port": f"http://{host}:1{port}" if port and port < 10_000 else f"http://{host}:1{str(port)[1:]}",
        "no port": f"http://{host}",
        "another scheme": f"https://{host}:{port}",
        "a scheme of an extension": f"chrome-extension://{host}:{port}",
        "no scheme": f"//{host}:{port}",
        "a prefix": f"http://evil{host}:{port}",
        "a subdomain": f"http://portal.{host}:{port}",
        "the same machine by its number": f"http://127.0.0.1:{port}",
        "upper case": portal.upper(),
        "an upper-case host": f"http://{str(host).upper()}:{port}",
        "a trailing dot": f"http://{host}.:{port}",
        "a trailing slash": f"{portal}/",
        "a path": f"{portal}/services",
        "userinfo": f"http://{host}:{port}@evil.example",
        "userinfo before it": f"http://evil.example@{host}:{port}",
        "two": f"{portal}, https://evil.example",
        "two, the other way": f"https://evil.example {portal}",
        "a tab": f"{portal}\t.evil.example",
        "a fragment": f"https://evil.example#{portal}",
    }


DISGUISES = tuple(disguised("http://localhost:7074"))


def granted(reply: requests.Response) -> dict[str, str]:
    """What an answer allows to a site."""
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return {name: value for name, value in headers.items() if name.startswith("access-control-allow")}


def preflight(cloud: LocalCloud, origin: str, method: str, path: str) -> requests.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
        "Access-Control-Request-Private-Network": "true",
    }
    return requests.options(cloud.config.api_url + path, headers=headers, timeout=30)


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_other_site_may_read_an_answer_or_send_a_header(cloud: LocalCloud, disguise: str) -> None:
    origin = disguised(cloud.config.portal_url)[disguise]
    assert origin != cloud.config.portal_url
    for method, path in CALLS + OTHERS:
        assert granted(preflight(cloud, origin, method, path)) == {}, path
        assert granted(cloud.anybody().request(method, path, headers={"Origin": origin})) == {}, path


def test_the_portal_may_by_its_exact_origin_and_without_cookies(cloud: LocalCloud) -> None:
    portal = cloud.config.portal_url
    for method, path in CALLS:
        asked = preflight(cloud, portal, method, path)
        assert granted(asked) == {
            "access-control-allow-origin": portal,
            "access-control-allow-methods": method,
            "access-control-allow-headers": "authorization,content-type",
        }
        reply = cloud.anybody().request(method, path, headers={"Origin": portal})
        assert granted(reply) == {"access-control-allow-origin": portal}
        assert "Origin" in asked.headers["Vary"]
        assert "Origin" in reply.headers["Vary"]


def test_the_app_itself_allows_nothing(cloud: LocalCloud) -> None:
    for method, path in CALLS + OTHERS:
        assert granted(cloud.anybody().request(method, path)) == {}, path


def test_the_wizard_s_own_calls_need_no_permission(way: Onboarding) -> None:
    """Browsers name the page's own origin in what it posts: that origin stands in no list."""
    admin = way.admin()
    admin.headers["Origin"] = way.cloud.config.api_url
    seen = admin.get("/api/invitation")
    assert (good(seen)["status"], granted(seen)) == ("pending", {})
    sent = submit(admin, CONTOSO)
    assert (sent.status_code, granted(sent)) == (202, {})


def test_another_site_s_request_is_judged_by_what_it_holds_alone(cloud: LocalCloud) -> None:
    """There are no cookies: without a token or a link of its own, a site's request is anybody's."""
    evil = {"Origin": "https://evil.example", "Cookie": "session=1", "Sec-Fetch-Site": "cross-site"}
    for path in ("/api/me", "/api/invitation"):
        reply = cloud.anybody().get(path, headers=evil)
        assert reply.status_code == 401
        assert "Set-Cookie" not in reply.headers
