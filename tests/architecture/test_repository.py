"""What is in the repository, and what must not be."""

import re

from tests.architecture.sources import ROOT, named, tracked

# Put together here, so that this file does not contain what it looks for.
SLASH = "/"
MACHINE_PATHS = re.compile(
    "|".join([f"{SLASH}work/(?:main|shared)", f"{SLASH}root/[a-z.]", f"{SLASH}home/[a-z]+/", f"{SLASH}Users/[a-z]+/"])
)
REGISTRIES = re.compile(
    "|".join(
        [
            "--extra-" + "index-url",
            "--index" + "-url",
            r"https?://[\w.-]*(?:py" + "pi|python" + r"hosted|npm" + r"js)\.\w+",
        ]
    )
)
TEXT = {".py", ".md", ".toml", ".ini", ".yaml", ".yml", ".html", ".css", ".js", ".json", ".txt", ".lock", ".sh", ""}
MOST_BYTES = 1_000_000
LARGE_ROOMS = ("src/watchbill/demo/data/", "docs/pictures/")


def own_texts():
    """Every text file of ours; what was vendored speaks for itself."""
    for path in tracked():
        if path.suffix in TEXT and "/vendor/" not in path.as_posix():
            yield path, path.read_text(encoding="utf-8", errors="replace")


def test_no_file_names_a_folder_of_one_machine():
    """The repository works wherever it lies."""
    wrong = [f"{named(path)}: {found.group()}" for path, text in own_texts() if (found := MACHINE_PATHS.search(text))]
    assert wrong == []


def test_no_file_names_a_package_index():
    """Where packages come from is the business of whoever installs."""
    wrong = [f"{named(path)}: {found.group()}" for path, text in own_texts() if (found := REGISTRIES.search(text))]
    assert wrong == []


def test_nothing_large_is_kept():
    """Histories and pictures have their rooms; everything else is small."""
    large = [
        named(path)
        for path in tracked()
        if path.stat().st_size > MOST_BYTES and not named(path).startswith(LARGE_ROOMS)
    ]
    assert large == []


def test_the_lock_is_hashed_and_names_every_library():
    """The two commands install exactly what was tried, on every platform."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = {match.lower() for match in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}
    wanted = {
        re.match(r"[A-Za-z0-9._-]+", line)[0].lower()
        for line in re.findall(r'^\s+"([^"]+)",', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
        if re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?[<>=]", line)
    }
    assert len(wanted) > 20
    assert wanted - pinned == set()
    blocks = re.split(r"\n(?=[A-Za-z0-9])", lock.strip())
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
