"""Replications on a Ray cluster: the same calls as on the cores of one machine, and so the same results.

This machine is one of the cluster's, and every other one has the same version of Watchbill. Nothing of Ray is loaded unless a cluster
is named.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import metadata
from types import TracebackType
from typing import Any, Self

from watchbill.engine.base.errors import InvalidFacts, Unavailable, WatchbillError

Tell = Callable[[str, float], None]
SETTING = "WATCHBILL_RAY_ADDRESS"
ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(\d{1,5})")
ANSWERS_S, CONNECTS_S = 5.0, 30.0
"""Within which the cluster's head takes a call, and within which it lets us in."""
LOOKS_S = 0.5
"""At most so long is waited before it is looked whether somebody wants to leave off."""
GRACE_S = 0.5
"""So long may what is under way still end by itself before it is stopped."""
NO_WATCHBILL = "ModuleNotFoundError: No module named 'watchbill"

_held: dict[str, Any] = {}
"""In a worker: the last function and context, by the name under which the store keeps them."""


def address_of(text: str) -> str:
    """Return the address of a cluster's head as HOST:PORT, empty for none. Raises InvalidFacts naming the setting."""
    text = text.strip()
    found = ADDRESS.fullmatch(text)
    if text and (found is None or not 0 < int(found[2]) < 1 << 16):
        raise InvalidFacts(
            f"{SETTING} is '{text}', but must be HOST:PORT of the cluster's head, such as 10.0.0.5:6379: what"
            " `ray start --head` names. Ray's client (ray://) is not used: start Watchbill on a machine of the cluster.",
            field="ray",
        )
    return text


class RayWorkers:
    """Calls a function with a context and each of some arguments on the workers of a cluster; results in their order.

    To be entered first: that connects, and leaving lets go of the cluster and whatever still runs. A context goes to the cluster's
    store once, and from there to each worker process once. A connection that the process has already is used, and left. count: calls under way at most; as many as the cluster has room for when
    not given.
    """

    def __init__(self, address: str, count: int | None = None) -> None:
        self.address, self.count = address_of(address), count
        self._is_ours = False

    def __enter__(self) -> Self:
        ray = ray_require()
        _require_answer(self.address)
        self._is_ours = not ray.is_initialized()
        if self._is_ours:
            _connect(ray, self.address)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_ours:
            ray_require().shutdown()

    def __call__(
        self, function: Callable[[Any, Any], Any], context: Any, arguments: Sequence[Any], tell: Tell
    ) -> list[Any]:
        ray = ray_require()
        task = ray.remote(num_cpus=1)(_call)
        version = version_here()
        # In a list: a bare reference would be read anew for every call, a kept one is read once by every process.
        kept = [ray.put((function, context))]
        found: list[Any] = [None] * len(arguments)
        left, at = list(enumerate(arguments))[::-1], dict[Any, int]()
        try:
            while left or at:
                while left and (self.count is None or len(at) < self.count):
                    place, argument = left.pop()
                    at[task.remote(kept, version, argument)] = place
                done, _ = ray.wait(list(at), num_returns=1, timeout=LOOKS_S)
                for one in done:
                    found[at.pop(one)] = ray.get(one)
                tell("replications", 1 - (len(left) + len(at)) / len(arguments))
        except ray.exceptions.RayError as error:
            raise _meant(error) from None
        finally:
            _leave(ray, list(at))
        return found


def _leave(ray: Any, at: Sequence[Any]) -> None:
    """Stop what is under way, in the order in which it was begun.

    Ray (2.60) ends this very process when something answers that it has just cancelled. So what is about to end may do so first, and
    what waits is taken back before what runs: cancelling that would make room for it.
    """
    if at:
        with suppress(ray.exceptions.RayError):
            _, left = ray.wait(at, num_returns=len(at), timeout=GRACE_S)
            for one in reversed(left):
                ray.cancel(one, force=True)


def ray_require() -> Any:
    """Return the package. Raises Unavailable where it is not installed."""
    try:
        import ray
        import ray.exceptions
    except ImportError:
        raise Unavailable(
            f"{SETTING} names a Ray cluster, and Ray is not installed: pip install 'watchbill[ray]'. Without the setting, the cores of"
            " this machine are used"
        ) from None
    return ray


def version_here() -> str:
    return metadata.version("watchbill")


def _call(kept: list[Any], version: str, argument: Any) -> Any:
    """In a worker of the cluster."""
    here = version_here()
    if here != version:
        raise Unavailable(
            f"A machine of the Ray cluster ({socket.gethostname()}) has Watchbill {here}, and this one {version}: only the same version"
            " gives the same answer"
        )
    name = kept[0].hex()
    if name not in _held:
        import ray

        _held.clear()
        _held[name] = ray.get(kept[0])
    function, context = _held[name]
    return function(context, argument)


def _require_answer(address: str) -> None:
    """Ask at the door first: Ray itself tries for a minute, and then says less."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWERS_S).close()
    except OSError as error:
        raise Unavailable(
            f"No Ray cluster answers at {address}, which {SETTING} names: {error.strerror or error}"
        ) from None


def _connect(ray: Any, address: str) -> None:
    """In a thread: Ray tries for ten minutes and cannot be stopped; and elsewhere it would take our signal to end for itself."""
    failed: list[Exception] = []
    given_up = threading.Event()

    def connect() -> None:
        try:
            ray.init(address=address, log_to_driver=False, configure_logging=False, logging_level="error")
        except Exception as error:  # noqa: BLE001  # of many kinds, all told below
            failed.append(error)
        if given_up.is_set() or failed:
            ray.shutdown()

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(CONNECTS_S)
    if thread.is_alive():
        given_up.set()
        raise Unavailable(
            f"{address} answers, but lets nobody into a Ray cluster within {CONNECTS_S:.0f} s. Look whether {SETTING} names the head of"
            " one, and whether this machine has its token (RAY_AUTH_TOKEN)"
        )
    if failed:
        raise _unreached(address, failed[0])


def _unreached(address: str, error: Exception) -> Unavailable:
    said = " ".join(str(error).split())
    if "ersion mismatch" in said:
        said = re.sub(r"^.*?[Vv]ersion mismatch:? *", "", said)
        return Unavailable(
            f"The Ray cluster at {address} runs other versions than this machine, and both must be the same: {said}"
        )
    return Unavailable(
        f"The Ray cluster at {address} does not take us: {said or type(error).__name__}. This machine must be one of the cluster's:"
        f" ray start --address={address}"
    )


def _meant(error: Exception) -> WatchbillError:
    """What went wrong on a worker, as it would have been said here."""
    cause = getattr(error, "cause", None)
    if isinstance(cause, WatchbillError):
        return cause
    if NO_WATCHBILL in str(error):
        return Unavailable(
            "A machine of the Ray cluster has no Watchbill, or another one: install the same version for the Python of every"
            " machine's Ray (pip install 'watchbill[ray]')"
        )
    lines = [line for line in str(error).splitlines() if line.strip()]
    return Unavailable(f"The Ray cluster gave up: {lines[-1].strip() if lines else type(error).__name__}")
