"""Every address: pages under /o/{org}/, the API under /api/v1/. Each app lists its own in `urls.py`."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from apps.accounts import urls as accounts
from apps.catalog import urls as catalog
from apps.core import guides, health, searching
from apps.core.access import PUBLIC, allow
from apps.discussion import urls as discussion
from apps.distribution import urls as distribution
from apps.exchange import urls as exchange
from apps.jobs import urls as jobs
from apps.live import urls as live
from apps.performance import urls as performance
from apps.pipelines import urls as pipelines
from apps.predictions import urls as predictions
from apps.projects import urls as projects
from apps.recipes import urls as recipes
from apps.records import urls as records
from apps.review import urls as review

WITH_PAGES = {
    "accounts": accounts,
    "projects": projects,
    "recipes": recipes,
    "pipelines": pipelines,
    "predictions": predictions,
    "catalog": catalog,
    "distribution": distribution,
    "discussion": discussion,
    "review": review,
    "exchange": exchange,
    "performance": performance,
    "records": records,
}
pages: list[URLPattern | URLResolver] = [
    *(path("", include((module.pages, name))) for name, module in WITH_PAGES.items()),
    path("search", searching.search_page, name="search"),
    path("help/", guides.guide, name="guide"),
    path("help/<slug:name>", guides.guide, name="guide"),
]
api = [
    *jobs.api,
    *live.api,
    *(one for module in WITH_PAGES.values() for one in module.api),
    path("search", searching.Search.as_view()),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *accounts.outside,
    *records.outside,
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("o/<slug:org>/", include(pages)),
    path("api/v1/", include(accounts.api_outside)),
    path("api/v1/orgs/<slug:org>/", include(api)),
    path("api/v1/schema/", allow(get=PUBLIC)(SpectacularAPIView.as_view()), name="schema"),
    path("api/v1/docs/", allow(get=PUBLIC)(SpectacularSwaggerSplitView.as_view(url_name="schema"))),
]
handler404 = "apps.core.pages.not_found"
handler500 = "apps.core.pages.failed"
