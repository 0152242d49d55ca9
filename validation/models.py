"""Checks as they go out over HTTP."""

from shared.languages.translations import ENGLISH, Translation
from shared.texts import N_
from shared.web.models import Time, View
from validation.records import Check, Item, ItemName, ItemState, Outcome, Purpose

# Each names what is looked at, not what comes of it: it stands beside "Waiting" and "Failed", too.
TITLES = {
    ItemName.TENANT: N_("Tenant"),
    ItemName.SIGN_IN: N_("Sign-in of the application"),
    ItemName.SERVICE_PRINCIPAL: N_("Installation in the tenant"),
    ItemName.RESOURCES: N_("Teams administration"),
    ItemName.PERMISSIONS: N_("Permissions"),
    ItemName.ORGANIZATION: N_("Organisation"),
    ItemName.DOMAIN: N_("Invited address"),
    ItemName.DIRECTORY_ROLES: N_("Directory role"),
    ItemName.SECRET_EXPIRY: N_("Secret's expiry date"),
}


class ItemView(View):
    name: ItemName
    title: str
    state: ItemState
    detail: str
    steps: tuple[str, ...]
    trace_id: str | None


class ProgressView(View):
    """A check, under way (every item listed, at least as ``waiting``) or done (the items that were reached)."""

    purpose: Purpose
    started_at: Time
    finished_at: Time | None
    outcome: Outcome | None
    waiting_for: str | None
    attempts: int
    items: tuple[ItemView, ...]


class CheckView(ProgressView):
    """A check as the operator sees it; ``next_at`` is when Microsoft is asked again."""

    id: str
    next_at: Time | None


def progress_view(check: Check, spoken: Translation = ENGLISH) -> ProgressView:
    items = tuple(Item(name, ItemState.WAITING) for name in ItemName) if check.running else check.items
    return ProgressView(
        purpose=check.purpose,
        started_at=check.started_at,
        finished_at=check.finished_at,
        outcome=check.outcome,
        waiting_for=spoken.say(check.waiting_for) if check.waiting_for else None,
        attempts=check.attempts,
        items=tuple(item_view(item, spoken) for item in items),
    )


def check_view(check: Check) -> CheckView:
    return CheckView(id=check.id, next_at=check.next_at, **progress_view(check).model_dump())


def item_view(item: Item, spoken: Translation = ENGLISH) -> ItemView:
    return ItemView(
        name=item.name,
        title=spoken.say(TITLES[item.name]),
        state=item.state,
        detail=spoken.say(item.detail),
        steps=tuple(map(spoken.say, item.steps)),
        trace_id=item.trace_id,
    )
