"""The pages under Help: the Markdown files of `docs/`, read as they lie there."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from .access import allow
from .errors import NotFound
from .roles import Role
from .tenancy import active_tenant

PAGES = {
    **{role.value: (f"guides/{role.value}.md", role.label) for role in Role},
    "api-quick-start": ("api-quick-start.md", _("API")),
    "operator-guide": ("operator-guide.md", _("Operation")),
}


@allow(get="help.see")
def guide(request: HttpRequest, org: str, name: str = "") -> HttpResponse:
    """A guide by name; without one, that of the caller's role."""
    name = name or active_tenant().role
    if name not in PAGES:
        raise NotFound
    others = [{"name": one, "title": title} for one, (_file, title) in PAGES.items()]
    page = {"here": "help", "guides": others, "guide": name, "title": PAGES[name][1], "html": _html(name, org)}
    return render(request, "guide.html", page)


def _html(name: str, org: str) -> str:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(_text(name))
    for token in _inner(tokens):
        if token.type == "image":
            token.attrs["src"] = static(f"guides/{Path(str(token.attrs['src'])).name}")
        elif token.type == "link_open" and (known := Path(str(token.attrs["href"])).stem) in PAGES:
            token.attrs["href"] = reverse("guide", kwargs={"org": org, "name": known})
    return str(markdown.renderer.render(tokens, markdown.options, {}))


@cache
def _text(name: str) -> str:
    return (Path(settings.ROOT) / "docs" / PAGES[name][0]).read_text()


def _inner(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _inner(token.children or [])
