"""Where a project's files lie in the storage."""

from uuid import UUID

from .models import Item


def incoming(org_id: UUID, upload_id: UUID, number: int) -> str:
    """Where a file waits for its turn."""
    return f"org/{org_id}/incoming/{upload_id}/{number}"


def blob(org_id: UUID, sha256: str) -> str:
    """An original, by what it holds: immutable, shared inside one organization only."""
    return f"org/{org_id}/blob/{sha256[:2]}/{sha256}"


def original(item: Item) -> str:
    """An item's original, as it came."""
    return blob(item.org_id, item.sha256)


def derived(org_id: UUID, item_id: UUID, name: str) -> str:
    """What is made from an item: `thumb.jpg`, `preview.jpg`, `full.jpg`, `tiles/{z}/{x}_{y}.jpg`."""
    return f"org/{org_id}/derived/{item_id}/{name}"
