"""The one family of errors: a stable code, and a sentence that a user can act on."""

from __future__ import annotations


class WatchbillError(Exception):
    """Something went wrong."""

    code = "error"

    def __init__(self, message: str = "", **details: object) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.details = details

    @property
    def message(self) -> str:
        return str(self.args[0])


class InvalidFacts(WatchbillError):
    """The input does not make sense."""

    code = "invalid"


class NotFound(WatchbillError):
    """There is no such thing, or you may not see it."""

    code = "not_found"


class NotAllowed(WatchbillError):
    """You do not have the right to do this."""

    code = "not_allowed"


class Conflict(WatchbillError):
    """Somebody else changed this first."""

    code = "conflict"


class Unavailable(WatchbillError):
    """A part that this needs does not answer at the moment."""

    code = "unavailable"
