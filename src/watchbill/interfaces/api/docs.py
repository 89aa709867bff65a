"""The page /api/docs: Swagger UI from the files that django-ninja brings, so that nothing comes from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import escape
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from watchbill.engine.base.errors import NotFound
from watchbill.interfaces.api.access import PUBLIC
from watchbill.interfaces.api.errors import problem

ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui-init.js": "text/javascript",
}
YEAR_S = 365 * 24 * 3600

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{assets}swagger-ui.css?v={version}">
</head>
<body data-api-csrf="true" data-csrf-token="{csrf}">
<main id="swagger-ui"></main>
<script type="application/json" id="swagger-settings">{settings}</script>
<script src="{assets}swagger-ui-bundle.js?v={version}"></script>
<script src="{assets}swagger-ui-init.js?v={version}"></script>
</body>
</html>
"""


class DocsPage(DocsBase):
    """Swagger UI without inline scripts or styles, as the content-security policy wants it."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        settings = {
            "layout": "BaseLayout",
            "deepLinking": True,
            "validatorUrl": "none",  # by itself Swagger UI would show the document to a server of others
            "url": self.get_openapi_url(api, kwargs),
        }
        page = PAGE.format(
            title=escape(f"{api.title}: API"),
            assets=reverse("api-docs-asset", args=["x"])[:-1],
            version=version("django-ninja"),
            csrf=escape(get_token(request)),
            settings=json.dumps(settings).replace("<", "\\u003c"),
        )
        return HttpResponse(page)


@require_safe
def docs_asset(_request: HttpRequest, name: str) -> HttpResponse:
    """One of Swagger UI's files; its address changes with the version."""
    if name not in ASSETS:
        return problem(404, NotFound.code, "The page of the API has no such file")
    response = HttpResponse(_content(name), content_type=f"{ASSETS[name]}; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    return response


docs_asset.watchbill_right = PUBLIC  # type: ignore[attr-defined]


@cache
def _content(name: str) -> bytes:
    return files("ninja").joinpath("static", "ninja", name).read_bytes()


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark *view* as one that asks for nobody's name."""
    view.watchbill_right = PUBLIC  # type: ignore[attr-defined]
    return view
