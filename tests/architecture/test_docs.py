"""The docs name what there is: every setting, command and library; and their links lead somewhere."""

import re
import tomllib

import pytest

from tests.architecture.sources import PACKAGE, ROOT, named, tracked
from watchbill.config.main import cli

SETTING = re.compile(r"WATCHBILL_[A-Z]+(?:_[A-Z]+)*")
# Handed from one of our processes to another, never set by a person.
INTERNAL = {"WATCHBILL_TEST_FOLDER"}
PAGES = [path for path in tracked() if path.suffix == ".md"]


def settings_in_code() -> set[str]:
    files = [
        *PACKAGE.rglob("*.py"),
        *(ROOT / "bin").iterdir(),
        *(ROOT / "tests").rglob("*.py"),
        *(ROOT / ".ci").iterdir(),
    ]
    return {
        name for path in files if path.is_file() for name in SETTING.findall(path.read_text(errors="replace"))
    } - INTERNAL


def settings_in_docs() -> dict[str, str]:
    """Setting by setting, what the page says about its default."""
    page = (ROOT / "docs/reference/settings.md").read_text()
    return dict(re.findall(r"^\| `(WATCHBILL_[A-Z_]+)` \| (.+?) \|", page, re.MULTILINE))


def test_every_setting_is_documented():
    """No setting without a line on its page, and no line without a setting."""
    assert settings_in_code() == set(settings_in_docs())


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        ("WATCHBILL_LISTEN", "listen"),
        ("WATCHBILL_PORT", "port"),
        ("WATCHBILL_LIVE_PORT", "live_port"),
        ("WATCHBILL_WEB_WORKERS", "web_workers"),
        ("WATCHBILL_WEB_THREADS", "web_threads"),
        ("WATCHBILL_LOG_LEVEL", "log_level"),
    ],
)
def test_documented_defaults_are_the_real_ones(setting, field):
    """What the page calls the default is what an empty environment gives."""
    from watchbill.config.env import env_read

    assert settings_in_docs()[setting] == f"`{getattr(env_read({}), field)}`"


def test_every_command_of_the_house_is_documented():
    """The pages for those who operate Watchbill name each command that runs, examines or saves it."""
    pages = " ".join(path.read_text() for path in (ROOT / "docs").rglob("*.md"))
    missing = [name for name in cli.commands if f"watchbill {name}" not in pages]
    assert missing == []


def test_every_library_has_its_reason():
    """The page of libraries and pyproject.toml name the same ones."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [
        *project["dependencies"],
        *(line for group in project["optional-dependencies"].values() for line in group),
    ]
    names = {re.match(r"[A-Za-z0-9._-]+", line)[0] for line in wanted}
    page = (ROOT / "docs/adr/0002-libraries.md").read_text()
    assert set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)) == names


@pytest.mark.parametrize("document", PAGES, ids=named)
def test_links_lead_somewhere(document):
    """Every relative link names a file that exists, and a heading that is in it."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (document.parent / name).resolve() if name else document
        if not file.exists() or (anchor and anchor not in headings(file)):
            broken.append(target)
    assert broken == []


def headings(file) -> set[str]:
    """The anchors that a page's headings make."""
    lines = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}
