"""Multipart bodies: streamed to files, counted as they come, and cut off at a limit before anything is kept."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from .errors import BodyTooLarge, Invalid

LARGEST_UPLOAD = 4 * 1024**3
# What a multipart body may hold where no files are expected: forms of our pages.
LARGEST_FORM = 10 * 1024**2


class UploadTooLarge(BodyTooLarge):
    message = "One request takes files of at most 4 GB together. Send them in several."


class NoFiles(Invalid):
    code = "no_files"
    message = "Send at least one file, each as a part named files."


class BoundedUpload(FileUploadHandler):
    """Stands before Django's own handlers. Addresses that take no files read no more than a JSON body's worth."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._bytes = 0

    def handle_raw_input(self, input_data: Any, headers: Any, content_length: int, *rest: Any) -> None:
        """Refuse by the stated length."""
        if content_length > self._most():
            raise UploadTooLarge

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Refuse by what really came."""
        self._bytes += len(raw_data)
        if self._bytes > self._most():
            raise UploadTooLarge
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The handlers behind this one make the file."""

    def _most(self) -> int:
        match = getattr(self.request, "resolver_match", None)
        view_class = getattr(getattr(match, "func", None), "view_class", None)
        method = (getattr(self.request, "method", None) or "").lower()
        stated = getattr(getattr(view_class, method, None), "operation", None)
        return LARGEST_UPLOAD if stated is not None and stated.multipart else LARGEST_FORM


def files_of(request: HttpRequest, part: str = "files") -> list[Any]:
    """The files of a multipart request. Raises NoFiles."""
    if request.content_type != "multipart/form-data":
        raise NoFiles("Send the files as multipart/form-data, each as a part named files.")
    files = request.FILES.getlist(part)
    if not files:
        raise NoFiles(field=part)
    return files
