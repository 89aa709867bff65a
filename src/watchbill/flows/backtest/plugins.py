"""A user's own policy in Python: a class in a file, looked at before it is trusted with a run."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from watchbill.engine.backtest.answer import Sort
from watchbill.engine.backtest.asked import Contender
from watchbill.engine.backtest.desk import Policy
from watchbill.engine.base.errors import InvalidFacts, NotFound

WANTED = ("start", "give", "choose", "interrupt")


@dataclass(frozen=True, slots=True)
class Plugin:
    """Where a policy is found: ``file.py:Name`` or ``package.module:Name``. Made anew in every process.

    source: of a file, as it was when it was named. So all of a comparison plays the same policy, on machines without the file too.
    """

    where: str
    name: str
    source: str | None

    def __call__(self) -> Policy:
        made = _found(self.where, self.source)()
        made.name = self.name
        return made


def plugin_contender(where: str) -> Contender:
    """The policy that *where* names, as one of a comparison; it is called by the name of its class.

    Its code runs with your rights: only name files that you trust. Raises NotFound when there is none, InvalidFacts for one that is
    no policy.
    """
    source = _source(where.rpartition(":")[0])
    thing = _found(where, source)
    name = getattr(thing, "name", None)
    title = name if isinstance(name, str) and name else where.rpartition(":")[2]
    lacking = [part for part in WANTED if not callable(getattr(thing, part, None))]
    if lacking:
        raise InvalidFacts(f"{where} is no policy: it lacks {', '.join(lacking)} (docs/howto/backtest-your-policy.md)")
    says = (thing.__doc__ or "A policy of your own").strip().partition("\n")[0]
    return Contender(name=title, sort=Sort.USER, says=says, make=Plugin(where, title, source))


def _source(place: str) -> str | None:
    """What stands in a file; None of a module by its name."""
    if not place.endswith(".py"):
        return None
    try:
        return importlib.util.decode_source(Path(place).read_bytes())
    except FileNotFoundError:
        raise NotFound(f"There is no file {place}") from None
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise InvalidFacts(f"{place} cannot be loaded: {type(error).__name__}: {error}") from error


def _found(where: str, source: str | None) -> Any:
    place, is_there, name = where.rpartition(":")
    if not is_there or not place or not name.isidentifier():
        raise InvalidFacts(f"“{where}” names no policy: expected FILE.py:Name or package.module:Name", field="plugin")
    module = _module(place, source)
    if not hasattr(module, name):
        raise NotFound(f"{place} has no {name}")
    return getattr(module, name)


def _module(place: str, source: str | None) -> Any:
    try:
        if source is None:
            return importlib.import_module(place)
        module = ModuleType(f"watchbill_plugin_{Path(place).stem}")
        module.__file__ = place
        sys.modules[module.__name__] = module  # where dataclasses look for the names of their types
        exec(compile(source, place, "exec"), module.__dict__)  # noqa: S102  # what it is for: see plugin_contender
    except Exception as error:
        raise InvalidFacts(f"{place} cannot be loaded: {type(error).__name__}: {error}") from error
    return module
