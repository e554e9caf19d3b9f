"""The page and the API of the search over an organization."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .access import allow
from .answers import Result
from .http import Api, operation
from .json import Answer, Struct
from .search import Hit, clean, search
from .tenancy import active_tenant

IN_PALETTE, ON_PAGE = 5, 20


class SearchIn(Struct):
    """Two characters at least."""

    q: str = ""


class HitOut(Answer):
    title: str
    meta: str
    url: str


class HitsOut(Answer):
    kind: str
    title: str
    icon: str
    hits: list[HitOut]


class SearchedOut(Answer):
    results: list[HitsOut]


class Search(Api):
    @operation("search.see", "Find things by name.", query=SearchIn, answers={200: SearchedOut})
    def get(self, request: Any, org: str, query: SearchIn) -> Result:
        """At most five of each kind, and only what the caller may see."""
        found = search(active_tenant(), query.q, IN_PALETTE)
        return 200, SearchedOut(
            results=[
                HitsOut(kind=kind.name, title=str(kind.title), icon=kind.icon, hits=[_hit(hit) for hit in hits])
                for kind, hits in found
            ]
        )


@allow(get="search.see")
def search_page(request: HttpRequest, org: str) -> HttpResponse:
    """At most twenty of each kind."""
    words = request.GET.get("q", "")
    found = search(active_tenant(), words, ON_PAGE)
    page = {
        "here": "search",
        "q": words,
        "too_short": bool(words.strip()) and not clean(words),
        "found": [{"kind": kind, "hits": hits, "is_cut": len(hits) == ON_PAGE} for kind, hits in found],
    }
    return render(request, "search.html", page)


def _hit(hit: Hit) -> HitOut:
    return HitOut(title=hit.title, meta=hit.meta, url=hit.url)
