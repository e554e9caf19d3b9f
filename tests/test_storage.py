"""Where files lie: what STORAGE_URL names."""

import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.storage import storage_at


def test_a_bucket_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.delitem(sys.modules, "storages.backends.s3", raising=False)

    with pytest.raises(ImproperlyConfigured, match=r"pip install \.\[s3\]"):
        storage_at("s3://tessera")
