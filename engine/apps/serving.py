"""All that a server of ours serves: the files of a folder, the work pages, and the table of models; or an application
of the user's.

Owns what is found where. Knows nothing of how a page is made.
"""

import json
from collections.abc import Callable, Collection
from functools import partial
from http import HTTPStatus
from pathlib import Path

from engine.apps.measured import NO_CLOCKS, Clocks, measured
from engine.apps.own_names import for_own_names
from engine.apps.routing import Router, not_found
from engine.apps.static import Site
from engine.apps.work import FOLDER, add_work_pages
from engine.apps.wsgi import Client, Gateway
from engine.listing import listed
from engine.web.request import Request
from engine.web.response import Application, Response

_HINT = "The work pages are switched off. Start the server with --work-pages to have them."


def site_application(
    root: Path, *, work_pages: bool, names: Collection[str] | None = (), clocks: Clocks = NO_CLOCKS
) -> Application:
    """The files under `root`; the work pages hide a folder of that name, and where they are off, a hint says so.

    `/models.json` is there for the scripts of a site unless the folder has a file of that name. `names`: only this
    machine may ask, by a name of its own or one of these; None: everybody may, by any name. `clocks` are read around
    what can take long.
    """
    site, router = Site(root).respond, Router()
    router.add("*", site, "GET")
    router.add("/models.json", _or_else(site, _table_of_models), "GET")
    if work_pages:
        add_work_pages(router, clocks)
    else:
        with_hint = _or_else(site, lambda _: not_found(_HINT))
        router.add(FOLDER.rstrip("/"), with_hint, "GET")
        router.add(f"{FOLDER}*", with_hint, "GET")
    return router.respond if names is None else for_own_names(router.respond, names)


def users_application(
    gateway: Gateway, *, names: Collection[str] | None = (), clocks: Clocks = NO_CLOCKS
) -> Callable[[Client], Application]:
    """What answers the requests of one client with the application of `gateway`; `names` and `clocks` as above."""

    def for_client(client: Client) -> Application:
        application = measured(partial(gateway.respond, client), clocks)
        return application if names is None else for_own_names(application, names)

    return for_client


def _or_else(first: Application, then: Application) -> Application:
    """What `first` has, and what it has not from `then`."""

    def respond(request: Request) -> Response:
        response = first(request)
        return then(request) if response.status == HTTPStatus.NOT_FOUND else response

    return respond


def _table_of_models(request: Request) -> Response:
    table = json.dumps({"models": listed()}).encode()
    return Response(HTTPStatus.OK, [("Content-Type", "application/json"), ("Cache-Control", "no-store")], table)
