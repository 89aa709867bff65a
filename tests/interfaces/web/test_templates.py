"""Every component renders, in both themes, with nothing that the security policy would refuse."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace

import pytest

from tests.interfaces.web import made_up
from tests.interfaces.web.conftest import WEB
from tests.interfaces.web.html5checks import problems
from watchbill.interfaces.web.viewmodels import palette

THEMES = ("", "light", "dark")


def board_html(render, theme="", **more):
    return render("pages/board.html", frame=made_up.a_frame(theme=theme), page=made_up.a_board(**more))


def case_html(render, theme="", **more):
    return render("pages/case.html", frame=made_up.a_frame("CASE-10377", theme=theme), page=made_up.a_case(**more))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("html_of", [board_html, case_html])
def test_pages_carry_no_inline_script_style_or_handler(render, html_of, theme):
    """A strict content-security policy holds: geometry is in attributes, behaviour in files, ids are unique."""
    assert problems(html_of(render, theme)) == []


@pytest.mark.parametrize(
    ("theme", "media"), [("", "screen and (prefers-color-scheme: dark)"), ("dark", "screen"), ("light", None)]
)
def test_dark_follows_the_system_unless_pinned(render, theme, media):
    """The dark values are linked with the system's condition, always, or not at all."""
    found = re.search(r'dark\.css" media="([^"]*)"', board_html(render, theme))
    assert (found.group(1) if found else None) == media


def test_text_of_others_stays_text(render):
    """HTML and formulas in subjects and notes are shown, not run."""
    assert "<b>not bold" not in board_html(render)
    assert "<script>alert" not in case_html(render)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in case_html(render)


def test_a_control_without_the_right_is_absent(render):
    """An empty address means no right: no button, and so no key either."""
    silent = replace(made_up.a_decision(), accept_href="", others=made_up.parts.Others(), decline_href="")
    html = board_html(render, decision=silent)
    assert "Accept" not in re.sub(r"<footer.*?</footer>", "", html, flags=re.DOTALL)
    assert 'data-key="y"' not in html
    assert 'data-key="y"' in board_html(render)


def test_no_one_can_take_it_is_shown_with_the_way_out(render):
    """That answer is a suggestion like any other, with its reason and the cheapest remedy."""
    html = board_html(render, decision=made_up.a_decision(no_one="Nobody with skill level 3 is on shift before 18:00."))
    assert "Nobody with skill level 3" in html
    assert "Cheapest way out" in html


def test_an_empty_queue_says_what_normal_looks_like(render):
    """No rows is a state with words, not a blank panel."""
    nothing = made_up.parts.Empty(title="Nothing needs you", text="86 cases are open. The next target is at 17:40.",
                                  actions=(made_up.link("See all 86"),))  # fmt: skip
    html = board_html(render, rows=(), empty=nothing, decision=None, no_decision=nothing)
    assert html.count("Nothing needs you") == 2


def test_a_conflict_names_who_changed_what_and_offers_both_ways(render):
    """The second writer sees the first one's change and chooses."""
    clash = made_up.parts.Conflict(
        title="Someone changed this case first", by="Lena Fischer", at=made_up.NOW, action_href="/x/", keep_href="/cases/CASE-10377/",
        changes=(made_up.parts.Change(label="Owner", theirs="Lena Fischer", mine="Tomasz Nowak"),), hidden=(("version", "4"),),
    )  # fmt: skip
    html = case_html(render, conflict=clash)
    for words in ("Lena Fischer changed this at 14:48:02 UTC", "Use mine", "Keep theirs", 'name="version" value="4"'):
        assert words in html


def test_errors_head_the_page_and_point_at_their_fields(templates):
    """Summary, link to the field, and the field's own message joined to it for assistive technology."""
    form = templates.get_template("parts/form.html").module
    html = form.error_summary(made_up.parts.ErrorSummary(errors=(("by", "Enter a time such as 16:30"),)))
    html += form.field(made_up.parts.Field(name="by", label="By when", error="Enter a time such as 16:30", hint="UTC"))
    assert 'aria-describedby="f-by-hint f-by-error"' in html
    assert 'href="#f-by"' in html
    assert 'aria-invalid="true"' in html


def test_the_scripts_of_a_page_weigh_less_than_the_budget(render):
    """60 KB compressed for everything that Board and Case load; 50 KB for the font."""
    scripts = re.findall(r'<script src="/static/([^"]+)"', board_html(render))
    assert len(scripts) == 9
    assert sum(len(gzip.compress((WEB / "static" / name).read_bytes(), 9)) for name in scripts) <= 60_000
    assert (WEB / "static/vendor/inter/inter-latin.woff2").stat().st_size <= 50_000


@pytest.mark.parametrize("folder", sorted(path.name for path in (WEB / "static/vendor").iterdir() if path.is_dir()))
def test_vendored_files_carry_their_licence(folder):
    """What others wrote is named, with its version and its terms beside it."""
    assert (WEB / "static/vendor" / folder / "LICENSE").stat().st_size > 100
    assert f"`{folder}/`" in (WEB / "static/vendor/README.md").read_text()


def test_the_palette_shows_its_keys_or_says_what_to_try(render):
    """Each line teaches its key; an answer without matches still helps."""
    entry = palette.PaletteEntry(label="Queues", href="/queues/", note="5 queues", keys=("G", "U"), press="u")
    html = render("parts/palette.html", groups=(palette.PaletteGroup(title="Go to", entries=(entry,)),))
    assert "<kbd>G</kbd><kbd>U</kbd>" in html
    assert 'data-press="u"' in html
    assert "Try a reference" in render("parts/palette.html", groups=())
