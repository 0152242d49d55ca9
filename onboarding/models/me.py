"""Who is signed in, as it goes out over HTTP."""

from typing import Literal

from shared.languages.catalogs import languages, own_name
from shared.web.auth import Operator, Role
from shared.web.models import ColorsView, ContactView, View


class ProviderView(View):
    id: str
    name: str
    contact: ContactView
    colors: ColorsView


class UserView(View):
    id: str
    name: str


class LanguageView(View):
    """A language that invitations can be written in, by its own name."""

    code: str
    name: str


class Me(View):
    """Who is signed in, for which provider, in which role; and the languages on offer, English first."""

    provider: ProviderView
    user: UserView
    role: Literal["operator", "monitor"]
    languages: tuple[LanguageView, ...]


def me(operator: Operator) -> Me:
    return Me(
        provider=ProviderView.model_validate(operator.provider),
        user=UserView(id=operator.oid, name=operator.name),
        role="operator" if operator.role is Role.OPERATOR else "monitor",
        languages=tuple(LanguageView(code=code, name=own_name(code)) for code in languages()),
    )
