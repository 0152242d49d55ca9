"""The forms of settings: each function takes a text (or a JSON value) apart, or raises ValueError that says what is
wrong and never what was given."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.patterns import ADDRESS, GUID

COLOR = re.compile(r"#[0-9a-fA-F]{6}")
MINIMUM_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3
SHORTEST_LIFETIME, LONGEST_LIFETIME = timedelta(hours=1), timedelta(days=30)
SHORTEST_RETENTION, LONGEST_RETENTION = timedelta(days=1), timedelta(days=3650)
LIFETIME_RULE = "An invitation lives for 1 hour to 30 days from now."
KEY_BYTES = 32
# So many of a key's bytes must differ. Of 32 random ones fewer do once in 4 * 10^14 keys; of 32 hex digits, or of a
# phrase that is repeated, never that many.
DIFFERENT_BYTES = 17
OPTIONAL_ITEMS = ("resources", "permissions", "directory-roles", "domain", "secret-expiry")
LONGEST_LINE = 100
SECURE_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?")
LOOPBACK_ORIGIN = re.compile(r"http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?")
LOOPBACK_ENDPOINT = re.compile(r"(?i)http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?(/|$)")
MAIL_SERVICE = re.compile(r"endpoint=https://[^;\s]+;accesskey=[A-Za-z0-9+/=]+|https://[^;\s]+")
PLACEHOLDER = "<made by make setup>"  # in local.settings.sample.json
REFERENCE = re.compile(r"@Microsoft\.KeyVault\s*\(", re.IGNORECASE)
KEY_NAME = re.compile(r"[A-Za-z0-9._-]{1,32}")
DURATION = re.compile(r"P(?:([0-9]{1,4})D)?(?:T(?:([0-9]{1,3})H)?(?:([0-9]{1,4})M)?(?:([0-9]{1,5})S)?)?")


def resolved(text: str) -> str:
    """The text, unless somebody should have replaced a part of it by now: the platform, or whoever took the sample."""
    if REFERENCE.search(text):
        raise ValueError("the Key Vault reference was not resolved")
    if PLACEHOLDER in text:
        raise ValueError("still holds the sample's placeholder; make setup writes a value of its own in its place")
    return text


def guid(value: object) -> str:
    if not isinstance(value, str) or not GUID.fullmatch(value.lower()):
        raise ValueError("is not a GUID such as 11111111-2222-3333-4444-555555555555")
    return value.lower()


def guids(text: str) -> tuple[str, ...]:
    """A JSON list of GUIDs."""
    return tuple(guid(value) for value in json_list(text))


def line(value: object) -> str:
    """A short text in one line."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_LINE or not value.isprintable():
        raise ValueError(f"is not a text of 1 to {LONGEST_LINE} characters in one line")
    return value


def lines(text: str) -> tuple[str, ...]:
    """A JSON list of short texts."""
    return tuple(line(value) for value in json_list(text))


def check_items(text: str) -> tuple[str, ...]:
    """A JSON list of those items of a check that may be required or not; the others always are."""
    items = lines(text)
    if not set(items) <= set(OPTIONAL_ITEMS):
        raise ValueError(f"names an item other than {', '.join(OPTIONAL_ITEMS)}")
    return items


def address(value: object) -> str:
    if not isinstance(value, str) or not ADDRESS.fullmatch(value):
        raise ValueError("is not an e-mail address")
    return value


def origin(text: str) -> str:
    """An origin without a path: https, or http on this machine alone."""
    if not SECURE_ORIGIN.fullmatch(text) and not LOOPBACK_ORIGIN.fullmatch(text):
        raise ValueError("is not an https origin without a path, such as https://login.microsoftonline.com")
    return text


def secure_origin(text: str) -> str:
    """An https origin, on this machine as well: secrets and tokens go there."""
    if not SECURE_ORIGIN.fullmatch(text):
        raise ValueError("is not an https origin without a path, such as https://login.microsoftonline.com")
    return text


def storage_address(text: str) -> str:
    """A service's address of Azure Storage; Azure shows it with a slash at its end."""
    return secure_origin(text.removesuffix("/"))


def storage_connection(text: str) -> str:
    """A connection string of Azure Storage: over https, or over http on this machine alone."""
    if not re.search(r"(^|;)(AccountName|TableEndpoint)=", text):
        raise ValueError("is not a connection string of Azure Storage")
    plain = re.findall(r"(?i)(?:^|;)\w+Endpoint=(http:[^;]*)", text)
    named = {name.lower() for name in re.findall(r"(?i)(?:^|;)(\w+Endpoint)=", text)}
    derived = not {"tableendpoint", "queueendpoint"} <= named  # from the account's name, with the protocol
    if derived and re.search(r"(?i)(^|;)DefaultEndpointsProtocol=http(;|$)", text):
        raise ValueError("names http, and this is not a storage on this machine")
    if not all(LOOPBACK_ENDPOINT.match(endpoint) for endpoint in plain):
        raise ValueError("names an address over http that is not on this machine")
    return text


def mail_service(text: str) -> str:
    """A connection string of Azure Communication Services, or its endpoint for the managed identity."""
    if not MAIL_SERVICE.fullmatch(text):
        raise ValueError("is neither endpoint=https://…;accesskey=… nor an https endpoint")
    return text


def lifetime(text: str) -> timedelta:
    """How long an invitation can be answered."""
    duration = _duration(text)
    if not SHORTEST_LIFETIME <= duration <= LONGEST_LIFETIME:
        raise ValueError("is not a duration from PT1H to P30D, such as P7D")
    return duration


def retention(text: str) -> timedelta:
    """How long personal data stay after the end of what they served."""
    duration = _duration(text)
    if not SHORTEST_RETENTION <= duration <= LONGEST_RETENTION:
        raise ValueError("is not a duration from P1D to P3650D, such as P90D")
    return duration


def _duration(text: str) -> timedelta:
    """An ISO 8601 duration of days, hours, minutes and seconds, such as ``P7D``; zero for anything else."""
    parts = DURATION.fullmatch(text)
    days, hours, minutes, seconds = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0, 0)
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def number(text: str, *, most: int) -> int:
    """A number from 1 to ``most``."""
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise ValueError(f"is not a number from 1 to {most}")
    return int(text)


def color(value: object) -> str:
    if not isinstance(value, str) or not COLOR.fullmatch(value):
        raise ValueError("has a colour that is not of the form #0f5ea8")
    return value.lower()


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two ``#rrggbb`` colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def sealing_keys(text: str) -> dict[str, bytes]:
    """``id:base64,id:base64``; the first key seals, all of them open. Each is another, and random."""
    keys: dict[str, bytes] = {}
    for entry in text.split(","):
        name, _, encoded = entry.strip().partition(":")
        key = _base64(encoded)
        if not KEY_NAME.fullmatch(name) or len(key) != KEY_BYTES:
            raise ValueError(f"is not id:key,id:key with keys of {KEY_BYTES} bytes in base64")
        if name in keys:
            raise ValueError("names a key twice")
        if key in keys.values():
            raise ValueError("holds the same key under two names")
        if len(set(key)) < DIFFERENT_BYTES:
            raise ValueError("holds a key that is not random; openssl rand -base64 32 makes one")
        keys[name] = key
    return keys


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def json_list(text: str) -> list[Any]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, list):
        raise ValueError("is not a JSON list")
    return content


def members(value: object, *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """A JSON object's members, all of the required ones and no unknown one."""
    if not isinstance(value, dict):
        raise ValueError("has a member that is not a JSON object")
    missing = [name for name in required if name not in value]
    if missing:
        raise ValueError(f"lacks {', '.join(missing)}")
    if any(name not in required + optional for name in value):
        raise ValueError(f"has a member other than {', '.join(required + optional)}")
    return value
