import io
import threading
import uuid

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from apps.projects.pictures.rules import CorruptImage
from gpu_worker import pictures
from gpu_worker.pictures import BadPicture, Pictures

ORG = uuid.uuid4()


def store(content: bytes) -> str:
    name = uuid.uuid4().hex * 2
    default_storage.save(f"org/{ORG}/blob/{name[:2]}/{name}", ContentFile(content))
    return name


def jpeg(width=40, height=20, *, orientation=1, mode="RGB") -> bytes:
    picture = Image.new(mode, (width, height))
    picture.paste(255 if mode == "L" else (255, 0, 0), (0, 0, width // 2, height))
    exif = Image.Exif()
    exif[0x0112] = orientation
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=95, exif=exif)
    return written.getvalue()


def test_a_picture_taken_with_the_camera_turned_comes_upright():
    picture = Pictures().of(ORG, store(jpeg(orientation=6)))

    assert picture.shape == (40, 20, 3)
    assert picture[5, 10, 0] > 200 > 60 > picture[35, 10, 0]


def test_grey_pictures_come_with_three_channels():
    assert Pictures().of(ORG, store(jpeg(mode="L"))).shape == (20, 40, 3)


def test_a_picture_asked_for_again_is_not_decoded_again(monkeypatch):
    kept, name = Pictures(), store(jpeg())
    first = kept.of(ORG, name)
    monkeypatch.setattr(pictures, "_decode", lambda path: pytest.fail("decoded again"))

    assert kept.of(ORG, name) is first


def test_the_cache_forgets_what_was_not_looked_at_for_longest():
    size = np.zeros((20, 40, 3), np.uint8).nbytes
    kept = Pictures(budget=2 * size)
    names = [store(jpeg()) for _ in range(3)]
    first = kept.of(ORG, names[0])
    kept.of(ORG, names[1])
    kept.of(ORG, names[0])
    kept.of(ORG, names[2])

    assert kept.of(ORG, names[0]) is first
    assert len(kept._kept) == 2


def test_one_organization_never_gets_what_another_has_cached():
    kept, name = Pictures(), store(jpeg())
    kept.of(ORG, name)

    with pytest.raises(OSError, match="No such file"):
        kept.of(uuid.uuid4(), name)


@pytest.mark.parametrize("content", [b"", b"not a picture", jpeg()[:300]])
def test_what_cannot_be_decoded_is_refused_with_a_sentence(content):
    with pytest.raises(BadPicture, match=r"The picture .*\."):
        Pictures().of(ORG, store(content))


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_picture_is_decoded_without_pillow_s_copies_of_it(monkeypatch, orientation):
    name = store(jpeg(orientation=orientation))
    as_a_whole = Pictures().of(ORG, name)
    monkeypatch.setattr("apps.projects.pictures.decoding.IN_MEMORY_PIXELS", 100)
    monkeypatch.setattr(pictures, "upright_rgb", lambda *given: pytest.fail("decoded as a whole"))
    streamed = Pictures().of(ORG, name)

    assert (streamed.shape, streamed.dtype) == (as_a_whole.shape, as_a_whole.dtype)
    assert np.abs(streamed.astype(int) - as_a_whole).max() <= 3


def test_a_large_picture_that_is_cut_off_is_refused(monkeypatch):
    monkeypatch.setattr("apps.projects.pictures.decoding.IN_MEMORY_PIXELS", 100)
    content = jpeg(400, 400)

    with pytest.raises(BadPicture):
        Pictures().of(ORG, store(content[: len(content) // 2]))


def test_a_picture_for_which_there_is_no_memory_now_is_not_called_bad(monkeypatch):
    def full(*given):
        raise CorruptImage from MemoryError()

    monkeypatch.setattr(pictures, "upright_rgb", full)
    with pytest.raises(MemoryError):
        Pictures().of(ORG, store(jpeg()))


def test_a_picture_that_cannot_be_decoded_leaves_nothing_behind():
    kept = Pictures()
    with pytest.raises(BadPicture):
        kept.of(ORG, store(b"not a picture"))

    assert kept._decoding == {}


def test_pictures_in_use_at_once_are_bounded_but_one_is_always_lent():
    kept, name = Pictures(at_once=8000), store(jpeg())
    order = []

    def borrow():
        with kept.lent(ORG, name, pixels=800):
            order.append("second")

    with kept.lent(ORG, name, pixels=800):
        waiting = threading.Thread(target=borrow)
        waiting.start()
        waiting.join(0.1)
        order.append("first")
    waiting.join(5)

    assert order == ["first", "second"]
