"""What administrators read, over HTTP and by mail, is in their language; what operators read stays English."""

import gzip
import http.client
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.integration.cloud import LocalCloud
from tests.integration.procedure import (
    CONTOSO,
    Onboarding,
    failed_item,
    good,
    refused,
    submitted,
)

GERMAN = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
UNKNOWN = replace(CONTOSO, client="b0000000-0000-4000-8000-0000000fffff")
HEADINGS = {
    "en": "Connect your Microsoft 365 tenant",
    "de": "Verbinden Sie Ihren Microsoft 365-Mandanten",
    "fr": "Connectez votre locataire Microsoft 365",
    "es": "Conecte su inquilino de Microsoft 365",
}


@pytest.mark.parametrize(
    ("query", "header", "code"),
    [
        ("", "", "en"),
        ("", "de-AT,de;q=0.9", "de"),
        ("", "it", "en"),
        ("?language=fr", "de", "fr"),
        ("?language=es", "", "es"),
        ("?language=en", "de", "en"),
        ("?language=tlh", "de", "de"),
        ("?language=../de", "", "en"),
    ],
)
def test_the_page_is_in_the_browser_s_language_or_in_the_chosen_one(
    cloud: LocalCloud, query: str, header: str, code: str
) -> None:
    reply = cloud.anybody().get(f"/invite{query}", headers={"Accept-Language": header})
    assert (reply.status_code, reply.headers["Content-Language"]) == (200, code)
    assert f'<html lang="{code}">' in reply.text
    assert f"<title>{HEADINGS[code]}</title>" in reply.text
    assert {"Accept-Encoding", "Accept-Language"} == set(reply.headers["Vary"].split(", "))


@pytest.mark.parametrize("path", ["/invite", "/invite/wizard.js", "/invite/wizard.css"])
def test_the_page_is_compressed_for_those_who_take_it(cloud: LocalCloud, path: str) -> None:
    plain, compressed = (raw(cloud, path, {"Accept-Encoding": coding}) for coding in ("identity", "br, gzip"))
    assert plain[0].get("Content-Encoding") is None
    assert compressed[0]["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed[1]) == plain[1]
    assert (plain[0]["ETag"] is None) == (path == "/invite")
    assert plain[0]["ETag"] is None or plain[0]["ETag"] != compressed[0]["ETag"]


def raw(cloud: LocalCloud, path: str, headers: dict[str, str]) -> tuple[http.client.HTTPMessage, bytes]:
    """An answer as the wire brings it."""
    connection = http.client.HTTPConnection(urlsplit(cloud.config.api_url).netloc)
    connection.request("GET", path, headers=headers)
    reply = connection.getresponse()
    return reply.headers, reply.read()


def test_an_administrator_is_answered_in_their_language_and_the_operator_in_english(
    cloud: LocalCloud, way: Onboarding
) -> None:
    admin = cloud.admin(way.copy_link())
    admin.headers.update(GERMAN)
    opened = admin.get("/api/invitation")
    assert (opened.headers["Content-Language"], opened.headers["Vary"]) == ("de", "Accept-Language")
    permissions = {permission["name"]: permission["why"] for permission in good(opened)["permissions"]}
    assert permissions["Organization.Read.All"] == "Den Namen Ihrer Organisation und ihre überprüften Domänen lesen."
    faulty = refused(admin.post("/api/invitation/submission", json={"tenantId": "x"}), 422, "invalid-input")
    assert faulty["title"] == "Ein Teil der Eingaben kann nicht angenommen werden"
    assert "Dieses Feld wird gebraucht." in {error["detail"] for error in faulty["errors"]}
    item = failed_item(submitted(admin, UNKNOWN))
    assert item["title"] == "Anmeldung der Anwendung"
    assert item["detail"] == "In diesem Mandanten gibt es keine Anwendung mit dieser ID."
    assert item["steps"][0].startswith("Öffnen Sie entra.microsoft.com > Entra ID > App-Registrierungen")
    admin.headers["Accept-Language"] = "es"
    assert failed_item(good(admin.get("/api/invitation")))["title"] == "Inicio de sesión de la aplicación"
    english = "There is no application with this ID in this tenant."
    assert way.read()["invitation"]["reason"]["detail"] == english
    shown = good(way.operator.get(way.invitation, headers=GERMAN))
    assert failed_item(shown)["detail"] == english


def test_a_dead_link_says_so_in_the_reader_s_language(way: Onboarding) -> None:
    admin = way.admin(way.copy_link())
    good(way.change(f"{way.invitation}/revoke"))
    told = admin.get("/api/invitation", headers={"Accept-Language": "fr"})
    assert refused(told, 410, "link-revoked")["title"] == "Cette invitation a été retirée"
    assert told.headers["Content-Language"] == "fr"


def test_the_mail_is_in_the_language_that_the_operator_chose_and_a_resend_keeps_or_changes_it(
    cloud: LocalCloud,
) -> None:
    way = Onboarding.begin(cloud, language="de")
    mail = way.mail()
    assert mail.subject == "Verbinden Sie Ihren Microsoft 365-Mandanten mit Northwind Voice"
    assert '<html lang="de"' in mail.html
    assert "Klicken Sie hier, um Ihren Mandanten zu aktivieren" in mail.html
    assert "„<bdi>Contoso voice</bdi>“" in mail.html
    assert "WAS SIE BRAUCHEN" in mail.text
    assert way.row()["language"] == "de"
    for count, body, language, subject in (
        (2, {}, "de", "Verbinden Sie"),
        (3, {"language": "fr"}, "fr", "Connectez votre"),
        (4, {"language": None}, "fr", "Connectez votre"),
    ):
        good(way.change(f"{way.invitation}/resend", body))
        assert way.mail(count).subject.startswith(subject)
        assert way.row()["language"] == language


def test_a_new_invitation_for_a_service_has_a_language_of_its_own(cloud: LocalCloud) -> None:
    way = Onboarding.begin(cloud, language="es").active()
    body = {"adminEmail": way.email, "language": "de"}
    assert good(way.change(f"{way.path}/invitations", body), 201)["language"] == "de"
    assert cloud.inbox.wait_for_mail(way.email, count=2).subject.startswith("Verbinden Sie")


def test_the_languages_on_offer_are_told_and_others_are_refused(cloud: LocalCloud, way: Onboarding) -> None:
    offered = good(cloud.operator().get("/api/me"))["languages"]
    assert offered[:2] == [{"code": "en", "name": "English"}, {"code": "de", "name": "Deutsch"}]
    for path in (f"{way.invitation}/resend", f"{way.path}/invitations"):
        reply = way.change(path, {"adminEmail": way.email, "language": "tlh"})
        (error,) = refused(reply, 422, "invalid-input")["errors"]
        assert (error["pointer"], error["code"]) == ("/language", "literal-error")
        assert error["detail"] == "This must be 'en', 'de', 'es' or 'fr'."
