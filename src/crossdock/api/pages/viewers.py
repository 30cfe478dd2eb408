"""Who looks: a partner or an operator, signed in with a key; and the pages to sign in and out."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from crossdock.api.door.answers import at
from crossdock.api.door.problems import Problem, not_there
from crossdock.api.door.state import address_of, state_of
from crossdock.api.pages.rendering import render
from crossdock.database import Database
from crossdock.jobs import queries
from crossdock.model.job import JobRecord
from crossdock.partners.feed import Feed
from crossdock.partners.registry import Partner
from crossdock.registers import keys, sessions
from crossdock.site import Site

COOKIE, FORM_COOKIE = "crossdock_session", "crossdock_form"
"""The cookie of who is signed in, and the one that the form to sign in must agree with."""
TOKEN = "form_token"  # noqa: S105  # a field's name
"""The field that every form bears."""


class NotSignedIn(Exception):
    """A page for people who are signed in was asked for by somebody who isn't."""


@dataclass(frozen=True)
class Viewer:
    """Who is signed in. ``partner``: None for an operator, who sees every partner. ``form_token``: of its forms."""

    partner: Partner | None
    key: keys.Key
    form_token: str

    @property
    def operator(self) -> bool:
        """Whether it is a person of ours."""
        return self.partner is None

    @property
    def partner_id(self) -> str:
        """The id of its partner; '' for an operator."""
        return self.partner.id if self.partner else ""

    @property
    def name(self) -> str:
        """Who it is, for people and for the history: the key's name, or its id."""
        return self.key.name or (f"operator {self.key.key_id}" if self.partner is None else self.partner.id)

    @property
    def writes(self) -> bool:
        """Whether it may import."""
        return not self.key.read_only

    def sees(self, partner: str) -> bool:
        """Whether it sees what is a partner's."""
        return self.operator or partner == self.partner_id

    def only(self, partner: str = "") -> str | None:
        """The partner whose things it is shown: its own, or of every partner the one it asks for; None: every."""
        return (partner or None) if self.operator else self.partner_id

    def job(self, database: Database, job_id: str) -> JobRecord:
        """A job that it may see. Raises ``Problem`` 404 if there is none, or it is another partner's."""
        job = queries.find(database, job_id)
        if job is None or not self.sees(job.partner):
            raise not_there()
        return job

    def feeds(self, site: Site) -> list[Feed]:
        """The feeds that it may send files for."""
        return [feed for feed in site.partners.feeds() if self.sees(feed.partner)]

    def partners(self, site: Site) -> list[Partner]:
        """The partners that it sees."""
        return [each for each in site.partners.by_id.values() if self.sees(each.id)]

    def must_write(self) -> None:
        """Raises ``Problem`` 403 if it only reads."""
        if not self.writes:
            raise Problem(403, "This key only reads: it can check a file, and not import one.")

    def must_be_ours(self) -> None:
        """Raises ``Problem`` 403 if it is not an operator."""
        if not self.operator:
            raise Problem(403, "Only an operator can do that.")

    def must_operate(self) -> None:
        """Raises ``Problem`` 403 if it is not an operator who may write."""
        self.must_be_ours()
        self.must_write()


def _viewer(request: Request) -> Viewer:
    """Who looks. Raises ``NotSignedIn``."""
    token, site = request.cookies.get(COOKIE, ""), state_of(request).site
    session = sessions.find(site.database, token) if token else None
    partner = site.partners.of(session.key.partner) if session else None
    if session is None or (partner is None and session.key.kind != keys.OPERATOR):
        raise NotSignedIn
    request.state.viewer = Viewer(partner, session.key, session.form_token)
    viewer: Viewer = request.state.viewer
    return viewer


Signed = Annotated[Viewer, Depends(_viewer)]
"""Who looks at a page; who is not signed in is led to where one does."""


def agrees(request: Request, token: str, expected: str) -> None:
    """That a form was sent by a page of ours. Raises ``Problem`` 403 if not."""
    from_elsewhere = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    if from_elsewhere or not expected or not hmac.compare_digest(token.encode(), expected.encode()):
        raise Problem(403, "This form is not from here, or it is too old: open the page again, and send it again.")


def _writer(request: Request, viewer: Signed, form_token: Annotated[str, Form()] = "") -> Viewer:
    agrees(request, form_token, viewer.form_token)
    return viewer


FromForm = Annotated[Viewer, Depends(_writer)]
"""Who has sent a form that bears its token."""


def coming_back(path: str) -> str:
    """The query of the page to sign in, for somebody who wanted to see another page."""
    return f"?back={quote(path, safe='/')}"


def router() -> APIRouter:
    """The pages to sign in and out."""
    routes = APIRouter(include_in_schema=False)

    def sign_in(request: Request, back: str = "") -> Response:
        return _form(request, back)

    def signed_in(
        request: Request,
        key: Annotated[str, Form()] = "",
        form_token: Annotated[str, Form()] = "",
        back: Annotated[str, Form()] = "",
    ) -> Response:
        agrees(request, form_token, request.cookies.get(FORM_COOKIE, ""))
        database = state_of(request).site.database
        known = keys.find(database, key.strip()) if key.strip() else None
        if known is None or known.kind == keys.ERP or not _has_partner(request, known):
            return _not_opened(request, back)
        answer = RedirectResponse(back if _ours(request, back) else at(request, "/upload"), 303)
        _set(request, answer, COOKIE, sessions.begin(database, known), int(sessions.LASTS.total_seconds()))
        answer.delete_cookie(FORM_COOKIE, path=at(request, ""))
        return answer

    def sign_out(request: Request, _: FromForm) -> Response:
        sessions.end(state_of(request).site.database, request.cookies.get(COOKIE, ""))
        answer = RedirectResponse(at(request, "/sign-in"), 303)
        answer.delete_cookie(COOKIE, path=at(request, ""))
        return answer

    routes.add_api_route("/sign-in", sign_in, methods=["GET"], name="sign_in")
    routes.add_api_route("/sign-in", signed_in, methods=["POST"])
    routes.add_api_route("/sign-out", sign_out, methods=["POST"])
    return routes


def _not_opened(request: Request, back: str) -> Response:
    """The answer to a key that opens nothing; to too many of them, that one must wait."""
    tries, address = state_of(request).tries, address_of(request)
    if seconds := tries.wait(address):
        sentence = "Too many tries from your address. Wait a minute."
        return _form(request, back, sentence, 429, {"Retry-After": str(seconds)})
    tries.note(address)
    return _form(request, back, "This key opens nothing: it is wrong, has expired, or was revoked.", 401)


def _has_partner(request: Request, key: keys.Key) -> bool:
    return key.kind == keys.OPERATOR or state_of(request).site.partners.of(key.partner) is not None


def _form(
    request: Request, back: str, wrong: str = "", status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """The page to sign in; its form agrees with a cookie of its own."""
    token = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(32)
    answer = render(
        request, "sign_in.html", status=status, headers=headers, form_token=token, back=back, wrong=wrong, viewer=None
    )
    _set(request, answer, FORM_COOKIE, token, None)
    return answer


def _ours(request: Request, back: str) -> bool:
    """Whether an address to come back to is a page of ours, with a query or without."""
    path = back.partition("?")[0]
    return path.startswith(at(request, "") + "/") and "//" not in path and "\\" not in path and back.isprintable()


def _set(request: Request, answer: Response, name: str, value: str, seconds: int | None) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=at(request, ""),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
