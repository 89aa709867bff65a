"""The profiles that come with Watchbill, and those that users write, by name or by path."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from watchbill.engine.base.errors import InvalidFacts, NotFound
from watchbill.engine.intake.profile import Profile

SUFFIX = ".toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedProfile:
    """A profile with the digest of its text: another text is another profile, even under the same name."""

    profile: Profile
    digest: str
    text: str


def profile_names() -> list[str]:
    """Return the names of the profiles that come with Watchbill."""
    return sorted(p.name.removesuffix(SUFFIX) for p in files(__package__).iterdir() if p.name.endswith(SUFFIX))


def profile_load(name: str) -> LoadedProfile:
    """Read a profile by name, or from the file *name* when that ends in ``.toml``.

    Raises NotFound, or InvalidFacts naming the file, the key, and what was expected.
    """
    if name.endswith(SUFFIX):
        path = Path(name)
        if not path.is_file():
            raise NotFound(f"There is no profile file {name}")
        raw = path.read_bytes()
    elif name in profile_names():
        raw = (files(__package__) / f"{name}{SUFFIX}").read_bytes()
    else:
        raise NotFound(
            f"There is no profile “{name}”. Known: {', '.join(profile_names())}; or give a path to a .toml file"
        )
    return profile_read(raw, name=name)


def profile_read(raw: bytes, *, name: str) -> LoadedProfile:
    """Make a profile of the TOML that it is written in; *name* stands in messages. Raises InvalidFacts."""
    try:
        text = raw.decode()
        profile = Profile.from_toml(tomllib.loads(text))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidFacts(f"{name} is not a TOML file: {error}") from None
    except InvalidFacts as error:
        raise InvalidFacts(f"Profile {name}: {error.message}", **error.details) from None
    return LoadedProfile(profile=profile, digest=hashlib.sha256(raw).hexdigest(), text=text)
