"""What tests of the sealing keys' rotation share: services at every stage that holds a secret, and who reseals."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from keys.rules import What, sealed_in
from shared.kinds import Kind
from shared.platform import Platform
from shared.sealing import Sealer, key_id
from tests.integration.contenders import bring_to
from tests.integration.overlapping import Scene

OLD = "2026"  # the key of the scene's settings
NEW_KEY = bytes(range(50, 82))
STAGES = ("ordered, without the e-mail service", "validating", "authenticated", "active", "answered again")


def with_keys(platform: Platform, keys: Mapping[str, bytes]) -> Platform:
    """The platform of an app with other sealing keys."""
    return replace(platform, settings=replace(platform.settings, sealing_keys=keys), sealer=Sealer(keys))


def rotating(platform: Platform) -> Platform:
    """The platform with a new key in front of those that it has."""
    return with_keys(platform, {"new": NEW_KEY, **platform.settings.sealing_keys})


def rotated(platform: Platform) -> Platform:
    """The platform with the new key alone."""
    return with_keys(platform, {"new": NEW_KEY})


def stands(scene: Scene) -> dict[str, Counter[str]]:
    """How many secrets and links of the scene stand under which key."""
    found: dict[str, Counter[str]] = {what: Counter() for what in What}
    for prefix in ("service:", "due:"):
        for key, row in scene.rows(prefix).items():
            if prefix == "service:" or f":{Kind.MAIL}:" in key:
                for one in sealed_in(scene.provider, row):
                    found[one.what][key_id(one.value)] += 1
    return found


def fill(scene: Scene) -> None:
    """Services at every stage that holds a secret, and one whose mail is owed: 5 secrets and 1 link."""
    for stage in STAGES[1:]:
        bring_to(scene, stage)
    bring_to(scene, STAGES[0])
