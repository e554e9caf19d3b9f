"""Where files lie: what STORAGE_URL names."""

import sys
from ipaddress import ip_network
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.storage import storage_at


def test_a_bucket_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    monkeypatch.delitem(sys.modules, "storages.backends.s3", raising=False)

    with pytest.raises(ImproperlyConfigured, match=r"pip install \.\[s3\]"):
        storage_at("s3://tessera")


@pytest.mark.parametrize("endpoint", ["http://169.254.169.254", "http://10.0.0.5:9000", "file:///etc"])
def test_a_bucket_in_a_private_network_must_be_listed_by_the_operator(endpoint: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="OUTBOUND_ALLOWED_NETWORKS"):
        storage_at(f"s3://tessera?endpoint={endpoint}")


def test_a_bucket_in_a_listed_network_is_opened(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = [ip_network("10.0.0.0/24")]
    monkeypatch.setitem(sys.modules, "storages.backends.s3", SimpleNamespace(S3Storage=SimpleNamespace))

    bucket: Any = storage_at("s3://tessera?endpoint=http://10.0.0.5:9000")
    assert bucket.endpoint_url == "http://10.0.0.5:9000"
