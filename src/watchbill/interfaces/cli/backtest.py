"""`watchbill backtest`: what another policy would have made of a history, without database or server."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from watchbill.interfaces.cli.files import file_object, slips_placed
from watchbill.interfaces.cli.speaking import PRIORITY, Alone, json_option, tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watchbill.engine.backtest.asked import Asked, Contender
    from watchbill.engine.backtest.twin.history import History
    from watchbill.engine.base.work import Priority
    from watchbill.flows.intake.profiles import LoadedProfile

WIDTH_MOST = 120
TARGET = re.compile(r"(P?[1-4])=(\d+(?:\.\d+)?)(h|min)?", re.IGNORECASE)
NEW_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("backtest", cls=Alone)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--profile", metavar="NAME", help="Name of a profile, or a path to a .toml file; or --guess.")
@click.option("--guess", "is_guess", is_flag=True, help="Draft a profile for FILE, asking what the file leaves open.")
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="KEY=VALUE",
    help="Answer a question of --guess, by a value or the number of a choice; may be repeated.",
)
@click.option("--sheet", metavar="NAME", default="", help="With --guess: the sheet of a workbook.")
@click.option("--force", "is_forced", is_flag=True, help="With --guess: write over a profile that is there.")
@click.option(
    "--policies", metavar="NAMES", help="Names, with commas; all usual ones if left out. --policies list names them."
)
@click.option(
    "--draft",
    "drafts",
    multiple=True,
    type=click.File("r", encoding="utf-8"),
    help="An assignment policy of Watchbill, edited; may be repeated.",
)
@click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="FILE.py:NAME",
    help="A policy of your own in Python; may be repeated.",
)
@click.option(
    "--full",
    "is_full",
    is_flag=True,
    help="30 replications, and 8 at each of four other assumptions; else 5, and none.",
)
@click.option("--replications", type=click.IntRange(1, 1000), help="How often each policy is simulated.")
@click.option(
    "--what-if",
    "changes",
    multiple=True,
    metavar="KIND=VALUE",
    help="Compare under other people, work or promises, such as arrivals=1.2; may be repeated.",
)
@click.option(
    "--changed",
    metavar="DAY:KIND=VALUE",
    default="",
    help="A change that happened, such as 2016-04-04:staff=TEAM-2: the twin learned before it must foretell what it did.",
)
@click.option("--demand", "has_demand", is_flag=True, help="Also as more or less comes in; --full always does.")
@click.option(
    "--targets",
    metavar="P1=4,P2=8,...",
    help="Hours to resolve, by priority; else the profile's, else default targets.",
)
@click.option(
    "--hours",
    metavar="08:00-18:00",
    default="",
    help="In which targets run, Monday to Friday, or 24x7; else the profile's, else 08:00-18:00.",
)
@click.option("--no-bound", "is_unbounded", is_flag=True, help="Leave the ceiling out.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Same seed, same answer.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; as many as there are cores if left out.")
@click.option(
    "--ray", envvar="WATCHBILL_RAY_ADDRESS", metavar="HOST:PORT", default="", help="Simulate on the Ray cluster there."
)
@click.option("--html", type=NEW_FILE, help="Write the report as one HTML file.")
@click.option("--pdf", type=NEW_FILE, help="Write the report as PDF.")
@click.option("--out", type=NEW_FILE, help="Write the answer as JSON.")
@json_option
def backtest(
    file: Path | None, profile: str | None, answers: tuple[str, ...], sheet: str, policies: str | None, drafts: tuple[Any, ...],
    plugins: tuple[str, ...], changes: tuple[str, ...], changed: str, replications: int | None, targets: str | None, hours: str, seed: int, workers: int | None,
    ray: str, html: Path | None, pdf: Path | None, out: Path | None, *, is_guess: bool, is_forced: bool, is_full: bool, is_unbounded: bool, has_demand: bool, as_json: bool,
) -> None:  # fmt: skip
    """Say what other policies would have made of the history in FILE: CSV, plain or packed, or a workbook.

    Needs neither database nor server. The desk is rebuilt from the history, graded by a part of it that it has not seen, and only
    then compared: as it was, as it is, the usual tools' policies, Watchbill's, and the best that anybody could have done. Where
    FILE is an answer that --out wrote (.json), it is shown again.
    """
    from dataclasses import replace

    from watchbill.engine.backtest.asked import DEMAND
    from watchbill.flows.backtest.cluster import address_of, ray_require
    from watchbill.flows.backtest.reading import history_read
    from watchbill.flows.backtest.running import backtest as run
    from watchbill.flows.backtest.running import promise_of_file, source_of
    from watchbill.interfaces.cli.guess import guess_pointed
    from watchbill.interfaces.cli.imports import Progress

    if policies == "list":
        _tell_policies(as_json=as_json)
        return
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    if file.suffix == ".json":
        _require_folders(html, pdf, out)
        _tell(_saved(file), html=html, pdf=pdf, out=out, as_json=as_json)
        return
    asked = _asked(
        policies, drafts, plugins, is_full=is_full, replications=replications, seed=seed, is_unbounded=is_unbounded
    )
    asked = replace(asked, what_if=changes, changed=changed, demand=DEMAND if has_demand else asked.demand)
    wanted, ray = _targets(targets), address_of(ray)
    if ray:
        ray_require()
    _require_folders(html, pdf, out)
    loaded = _profile(file, profile, answers, sheet, is_guess=is_guess, is_forced=is_forced, may_ask=not as_json)
    promise = promise_of_file(loaded.profile.promise, loaded.profile.zone.key, targets_min=wanted, hours=hours)
    tell = Progress()
    with guess_pointed("backtest", file):
        read = history_read(file, loaded, tell=tell)
    _require_changes(changes, changed, read.history)
    source = source_of(file, loaded, read)
    answer = run(read.history, source, promise, asked, workers=workers, ray=ray, tell=tell).as_json()
    tell("done", 1.0)
    _tell(answer, html=html, pdf=pdf, out=out, as_json=as_json)


def _require_changes(changes: Sequence[str], past: str, history: History) -> None:
    """Raise InvalidFacts of all that is wrong with what-ifs and a past change, before anything is learned."""
    from watchbill.engine.backtest.twin.past import past_of
    from watchbill.engine.backtest.twin.whatif import change_of
    from watchbill.engine.base.slips import Slips

    slips = Slips()
    for text in changes:
        slips.of(change_of, text, history)
    if past:
        slips.of(past_of, past, history)
    slips.end()


def _saved(file: Path) -> dict[str, Any]:
    """A saved answer. Raises InvalidFacts for what is none, or of another form."""
    from watchbill.engine.base.errors import InvalidFacts
    from watchbill.flows.backtest.report.saved import answer_from_json

    try:
        with file.open(encoding="utf-8") as opened:
            return answer_from_json(file_object(opened)).as_json()
    except OSError as error:
        raise InvalidFacts(f"{file} cannot be read: {error.strerror}") from None


def _tell(answer: dict[str, Any], *, html: Path | None, pdf: Path | None, out: Path | None, as_json: bool) -> None:
    """Write the files that were asked for, then answer."""
    written = _write(answer, html=html, pdf=pdf, out=out)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    from watchbill.flows.backtest.report.lines import lines_of

    is_ascii = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    for line in lines_of(
        answer, min(WIDTH_MOST, shutil.get_terminal_size((WIDTH_MOST, 24)).columns), is_ascii, written
    ):
        click.echo(line)


def _asked(
    policies: str | None, drafts: tuple[Any, ...], plugins: tuple[str, ...], *, is_full: bool, replications: int | None, seed: int,
    is_unbounded: bool,
) -> Asked:  # fmt: skip
    from dataclasses import replace

    from watchbill.engine.backtest.asked import FULL, QUICK, asked_for, usual
    from watchbill.flows.backtest.plugins import plugin_contender

    names = tuple(usual()) if policies is None else tuple(name.strip() for name in policies.split(",") if name.strip())
    contenders = (*asked_for(names), *map(_draft, drafts), *map(plugin_contender, plugins))
    base = FULL if is_full else QUICK
    return replace(
        base, contenders=contenders, seed=seed, replications=replications or base.replications,
        is_bounded=not is_unbounded,
    )  # fmt: skip


def _tell_policies(*, as_json: bool) -> None:
    from watchbill.engine.backtest.asked import usual

    rows = [(one.name, one.says) for one in usual().values()]
    tell(
        {"policies": [{"name": name, "says": says} for name, says in rows]},
        *(f"{name:<20} {says}" for name, says in rows),
        as_json=as_json,
    )


def _draft(file: Any) -> Contender:
    """A draft by the name of its file."""
    from watchbill.engine.assign.policy import Policy
    from watchbill.engine.backtest.asked import ours

    body = file_object(file)
    with slips_placed(body):
        parameters = Policy.from_json(body)
    return ours(
        f"watchbill: {Path(file.name).stem}",
        parameters,
        says=f"Watchbill with the assignment policy in {Path(file.name).name}",
    )


def _targets(text: str | None) -> Mapping[Priority, int]:
    """Minutes by priority; none when nothing is said. Raises InvalidFacts, saying which part is wrong."""
    from watchbill.engine.base.errors import InvalidFacts
    from watchbill.engine.base.work import Priority

    found: dict[Priority, int] = {}
    for part in () if text is None else text.split(","):
        match = TARGET.fullmatch(part.strip())
        minutes = round(float(match[2]) * (1 if (match[3] or "").lower() == "min" else 60)) if match else 0
        if match is None or minutes < 1:
            raise InvalidFacts(
                f"--targets takes hours by priority such as P1=4,P2=8, or P1=30min; got “{part.strip()}”",
                field="targets",
            )
        found[Priority(PRIORITY.convert(match[1], None, None))] = minutes
    return found


def _profile(
    file: Path, profile: str | None, answers: tuple[str, ...], sheet: str, *, is_guess: bool, is_forced: bool, may_ask: bool
) -> LoadedProfile:  # fmt: skip
    """The profile named, or the one that is guessed and then written beside the file.

    Raises InvalidFacts, naming what is still asked, and Conflict where another profile is there already.
    """
    from watchbill.flows.intake.guessing import guess_load
    from watchbill.flows.intake.profiles import profile_load
    from watchbill.interfaces.cli.guess import guessed_lines, guessed_of, profile_kept

    if is_guess == (profile is not None):
        raise click.UsageError("Give either --profile NAME or --guess.")
    if profile is not None:
        return profile_load(profile)
    guessed = guessed_of(file, answers, sheet=sheet, may_ask=may_ask, needs=("owner",))
    if guessed.questions and may_ask:
        for line in guessed_lines(guessed):
            click.echo(line, err=True)
    loaded = guess_load(guessed)
    profile_kept(guessed, file, is_forced=is_forced, may_ask=may_ask)
    return loaded


def _require_folders(html: Path | None, pdf: Path | None, out: Path | None) -> None:
    """Raise InvalidFacts or Unavailable now, not after minutes of work, for a file that cannot be written."""
    from watchbill.engine.base.errors import InvalidFacts
    from watchbill.flows.backtest.report.pdf import typst_require

    if pdf is not None:
        typst_require()
    for file in (html, pdf, out):
        if file is not None and not file.parent.is_dir():
            raise InvalidFacts(f"There is no folder {file.parent} to write {file.name} into")


def _write(answer: dict[str, Any], *, html: Path | None, pdf: Path | None, out: Path | None) -> list[str]:
    """Write what was asked for; return the files."""
    from watchbill.flows.backtest.report.page import html_of
    from watchbill.flows.backtest.report.pdf import pdf_of

    if out is not None:  # first: whatever becomes of the others, they can be made again from it
        out.write_text(json.dumps(answer, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if html is not None:
        html.write_text(html_of(answer), encoding="utf-8")
    if pdf is not None:
        pdf.write_bytes(pdf_of(answer))
    return [str(file) for file in (html, pdf, out) if file is not None]
