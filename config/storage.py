"""Where files lie, chosen by STORAGE_URL, and how static files get hashed names."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, Storage
from django.utils.functional import LazyObject

from apps.core.errors import Refusal
from apps.core.outbound import target_of

Converter = Callable[[re.Match[str]], str]
# Folders of static/. In these a missing file is our mistake and must be told.
OWN_FILES = ("css/", "editor/", "img/", "js/")


class ModuleManifestStorage(ManifestStaticFilesStorage):
    """Hashed names, also inside `import` lines, so that modules are cached for ever and never stale."""

    support_js_module_import_aggregation = True
    # A hash depends on those of the imports: each pass settles about one storey, and the editor has more than five.
    max_post_process_passes = 30
    manifest_strict = False

    def url_converter(self, name: str, hashed_files: dict[str, Any], *options: Any, **named: Any) -> Converter:
        """Packages mention modules that they do not ship, in files that nobody serves; those lines stay."""
        convert = super().url_converter(name, hashed_files, *options, **named)
        if name.startswith(OWN_FILES):
            return convert

        def convert_what_is_there(found: re.Match[str]) -> str:
            try:
                return convert(found)
            except ValueError:
                return found[0]

        return convert_what_is_there


class UrlStorage(LazyObject):
    """The storage that STORAGE_URL names: `file:///folder` or `s3://bucket?endpoint=…`."""

    def _setup(self) -> None:
        self._wrapped = storage_at(settings.STORAGE_URL)


def storage_at(url: str) -> Storage:
    """Open the storage at a URL; raises ImproperlyConfigured for a scheme that is not served."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FileSystemStorage(location=Path(unquote(parts.path)), base_url=None, allow_overwrite=True)
    if parts.scheme == "s3":
        return _bucket(parts.netloc, {name: values[-1] for name, values in parse_qs(parts.query).items()})
    raise ImproperlyConfigured("STORAGE_URL must begin with file:/// or s3://.")


def _bucket(name: str, options: dict[str, str]) -> Storage:
    if "endpoint" in options:
        _require_reachable(options["endpoint"])
    try:
        from storages.backends.s3 import (  # type: ignore[import-untyped]  # noqa: PLC0415 - boto3 only where a bucket is
            S3Storage,
        )
    except (ImportError, ImproperlyConfigured) as missing:  # the package turns the one into the other
        raise ImproperlyConfigured("STORAGE_URL names a bucket; install what it needs: pip install .[s3]") from missing
    keywords: dict[str, Any] = {"bucket_name": name, "default_acl": None, "querystring_auth": True}
    if "endpoint" in options:
        keywords["endpoint_url"] = options["endpoint"]
    bucket: Storage = S3Storage(**keywords)
    return bucket


def _require_reachable(endpoint: str) -> None:
    try:
        target_of(endpoint)
    except Refusal as refusal:
        raise ImproperlyConfigured(
            f"STORAGE_URL names the endpoint {endpoint}. {refusal.text}"
            " For a server in your own network, list that network in OUTBOUND_ALLOWED_NETWORKS."
        ) from refusal
