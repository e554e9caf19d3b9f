"""Every address: pages under /o/{org}/, the API under /api/v1/. Each app lists its own in `urls.py`."""

urlpatterns: list = []
handler404 = "apps.core.pages.not_found"
handler500 = "apps.core.pages.failed"
