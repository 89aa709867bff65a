"""A user's own policy in Python: a class in a file, looked at before it is trusted with a run."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchbill.engine.backtest.answer import Sort
from watchbill.engine.backtest.asked import Contender
from watchbill.engine.backtest.desk import Policy
from watchbill.engine.base.errors import InvalidFacts, NotFound

WANTED = ("start", "give", "choose", "interrupt")


@dataclass(frozen=True, slots=True)
class Plugin:
    """Where a policy is found: ``file.py:Name`` or ``package.module:Name``. Made anew in every process."""

    where: str
    name: str

    def __call__(self) -> Policy:
        made = _found(self.where)()
        made.name = self.name
        return made


def plugin_contender(where: str) -> Contender:
    """The policy that *where* names, as one of a comparison; it is called by the name of its class.

    Its code runs with your rights: only name files that you trust. Raises NotFound when there is none, InvalidFacts for one that is
    no policy.
    """
    thing = _found(where)
    name = getattr(thing, "name", None)
    title = name if isinstance(name, str) and name else where.rpartition(":")[2]
    lacking = [part for part in WANTED if not callable(getattr(thing, part, None))]
    if lacking:
        raise InvalidFacts(f"{where} is no policy: it lacks {', '.join(lacking)} (docs/howto/backtest-your-policy.md)")
    says = (thing.__doc__ or "A policy of your own").strip().partition("\n")[0]
    return Contender(name=title, sort=Sort.USER, says=says, make=Plugin(where, title))


def _found(where: str) -> Any:
    place, is_there, name = where.rpartition(":")
    if not is_there or not place or not name.isidentifier():
        raise InvalidFacts(f"“{where}” names no policy: expected FILE.py:Name or package.module:Name", field="plugin")
    module = _module(place)
    if not hasattr(module, name):
        raise NotFound(f"{place} has no {name}")
    return getattr(module, name)


def _module(place: str) -> Any:
    path = Path(place)
    if place.endswith(".py") and not path.is_file():
        raise NotFound(f"There is no file {place}")
    try:
        if not place.endswith(".py"):
            return importlib.import_module(place)
        spec = importlib.util.spec_from_file_location(f"watchbill_plugin_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
        spec.loader.exec_module(module)  # type: ignore[union-attr]
    except Exception as error:
        raise InvalidFacts(f"{place} cannot be loaded: {type(error).__name__}: {error}") from error
    return module
