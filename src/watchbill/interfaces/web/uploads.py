"""Files in forms: taken from whoever is known, up to the size that the settings allow; nobody else fills a disk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from watchbill.engine.base.errors import InvalidFacts

MB = 1 << 20


class UploadLimit(FileUploadHandler):
    """The first to see a file, for pages and API alike: lets it by to the handlers that keep it, or drops it.

    The limit is that of all files of a request together. The request then says ``upload_is_too_large``; its other
    fields are read all the same.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._seen = 0

    def new_file(self, *args: Any, **more: Any) -> None:
        super().new_file(*args, **more)
        request: Any = self.request
        is_known = getattr(request, "auth", None) is not None or request.user.is_authenticated
        if not is_known:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 - Django's form
        self._seen += len(raw_data)
        if self._seen > settings.UPLOAD_MB * MB:
            self.request.upload_is_too_large = True  # type: ignore[union-attr]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 - the next handler keeps the file
        return None


def file_of(request: HttpRequest) -> UploadedFile[bytes]:
    """Return the file of a form. Raises InvalidFacts at the field when there is none, or it is too large."""
    if getattr(request, "upload_is_too_large", False):
        raise InvalidFacts(f"The file is larger than {settings.UPLOAD_MB} MB. Pack it (gzip or zip)", field="file")
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise InvalidFacts("Choose a file", field="file")
    return file
