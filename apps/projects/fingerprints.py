"""Which pictures are nearly the same: 64 bits of a picture's coarse gradients, compared by how many differ."""

from django.db import connection
from PIL import Image

from apps.core import files as storage

from . import files
from .models import Item

EARLIER = """
SELECT EXISTS (SELECT FROM item WHERE org_id = %s AND dataset_id = %s AND deleted_at IS NULL AND id < %s
  AND fingerprint IS NOT NULL AND bit_count((fingerprint # %s)::bit(64)) <= %s)
"""


def has_near_duplicate(item: Item, distance: int) -> bool:
    """Whether a picture before this one in its dataset differs in at most so many bits. Keeps the item's own bits."""
    if item.fingerprint is None:
        item.fingerprint = fingerprint_of(item)
        Item.objects.filter(pk=item.pk).update(fingerprint=item.fingerprint)
    with connection.cursor() as cursor:
        cursor.execute(EARLIER, [item.org_id, item.dataset_id, item.pk, item.fingerprint, distance])
        return bool(cursor.fetchone()[0])


def fingerprint_of(item: Item) -> int:
    """The bits of an item's thumbnail, as a signed number of 64 bits. Raises FileNotFoundError without one."""
    opened = storage.opened(files.derived(item.org_id, item.pk, "thumb.jpg"))
    if opened is None:
        raise FileNotFoundError(f"The picture {item.name} has no thumbnail.")
    with opened, Image.open(opened) as picture:
        return bits_of(picture)


def bits_of(picture: Image.Image) -> int:
    """Whether each cell of a grid of 8 x 8 is brighter than its right neighbour (difference hash)."""
    grey = list(picture.convert("L").resize((9, 8), Image.Resampling.LANCZOS).getdata())
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (grey[9 * row + column] > grey[9 * row + column + 1])
    return bits - (1 << 64) if bits >= 1 << 63 else bits
