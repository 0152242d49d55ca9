"""What the real Entra does not have: tokens for portal users without a browser; keys, sessions and lifetimes that end
on demand.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.directory import DirectoryFile, Provider, User
from local.entra.grants import Grants
from local.entra.issuer import USER_TOKEN_SECONDS, Issuer
from local.entra.person_tokens import PersonTokens
from local.faults import refuse_control

APP_ROLES = {"operator": "Onboarding.Operator", "monitor": "Onboarding.Monitor"}


class OperatorTokenRequest(BaseModel):
    """Whose token. `provider` is an id or a display name, `user` an oid, e-mail address or name.

    `claims` are put over the token's own (null takes one away), so that tests can present wrong tokens, well
    signed.
    """

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel)

    provider: str
    role: Literal["operator", "monitor"]
    user: str | None = None
    claims: Annotated[dict[str, Any], Field(default_factory=dict)]


class TokenLifetime(BaseModel):
    """How many seconds the access tokens that people get from now on are good for; null: as many as Entra's."""

    model_config = ConfigDict(extra="forbid")

    seconds: Annotated[int, Field(ge=1)] | None


class Control:
    """The endpoints under /control that are about tokens."""

    def __init__(self, directory: DirectoryFile, issuer: Issuer, grants: Grants, people: PersonTokens) -> None:
        self._directory = directory
        self._issuer = issuer
        self._grants = grants
        self._people = people

    def routes(self) -> list[Route]:
        """`POST` of `/control/operator-token`, `rotate-keys`, `end-sessions` and `token-lifetime`."""
        return [
            Route("/control/operator-token", self._operator_token, methods=["POST"]),
            Route("/control/rotate-keys", self._rotate_keys, methods=["POST"]),
            Route("/control/end-sessions", self._end_sessions, methods=["POST"]),
            Route("/control/token-lifetime", self._token_lifetime, methods=["POST"]),
        ]

    async def _operator_token(self, request: Request) -> Response:
        try:
            wanted = OperatorTokenRequest.model_validate_json(await request.body())
        except ValidationError as error:
            return refuse_control(error)
        directory = self._directory.current()
        provider = directory.provider(wanted.provider)
        if provider is None:
            known = ", ".join(one.display_name for one in directory.providers)
            return _not_found(f"No provider {wanted.provider!r} in the directory; it lists {known}.")
        user = _find_user(provider, wanted)
        if user is None:
            whom = f"user {wanted.user!r} with" if wanted.user else "user with"
            return _not_found(f"{provider.display_name} has no {whom} the role {APP_ROLES[wanted.role]}.")
        claims = self._issuer.user_claims(directory.portal, provider.id, user, [APP_ROLES[wanted.role]])
        claims = {name: value for name, value in (claims | wanted.claims).items() if value is not None}
        body = {
            "token_type": "Bearer",
            "scope": f"{directory.portal.api_client_id}/{directory.portal.scope}",
            "expires_in": USER_TOKEN_SECONDS,
            "access_token": self._issuer.sign(claims),
        }
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    async def _end_sessions(self, _: Request) -> Response:
        self._grants.end_everything()
        return JSONResponse({})

    async def _token_lifetime(self, request: Request) -> Response:
        try:
            wanted = TokenLifetime.model_validate_json(await request.body())
        except ValidationError as error:
            return refuse_control(error)
        self._people.seconds = wanted.seconds or USER_TOKEN_SECONDS
        return JSONResponse({"seconds": self._people.seconds})

    async def _rotate_keys(self, _: Request) -> Response:
        return JSONResponse({"kid": self._issuer.rotate()})


def _find_user(provider: Provider, wanted: OperatorTokenRequest) -> User | None:
    holders = [user for user in provider.users if APP_ROLES[wanted.role] in user.roles]
    if wanted.user is not None:
        name = wanted.user.lower()
        holders = [user for user in holders if name in (user.oid, user.email.lower(), user.name.lower())]
    return holders[0] if holders else None


def _not_found(text: str) -> Response:
    return JSONResponse({"error": {"code": "NotFound", "message": text}}, 404)
