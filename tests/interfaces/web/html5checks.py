"""What a page must not contain, found with the standard library's parser."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

LABELLED = {"select", "textarea"}


class _Checker(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.ids = Counter()
        self.labels = set()
        self.fields = []

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.found += [
            f"<{tag}> has {name}" for name in named if name == "style" or (name.startswith("on") and name != "one")
        ]
        if tag == "style" or (tag == "script" and "src" not in named):
            self.found.append(f"inline <{tag}>")
        if named.get("href", "").strip().lower().startswith("javascript:"):
            self.found.append(f"<{tag}> runs a script by address")
        if "id" in named:
            self.ids[named["id"]] += 1
        if tag == "label" and "for" in named:
            self.labels.add(named["for"])
        is_text = tag == "input" and named.get("type", "text") not in {"hidden", "checkbox", "radio", "submit"}
        if (tag in LABELLED or is_text) and "aria-label" not in named:
            self.fields.append(named.get("id", f"<{tag}> without id"))


def problems(html):
    """Inline styles, scripts and handlers, ids given twice, fields without a label: one sentence each."""
    checker = _Checker()
    checker.feed(html)
    twice = [f"id {name} stands {times} times" for name, times in checker.ids.items() if times > 1]
    bare = [f"field {name} has no label" for name in checker.fields if name not in checker.labels]
    return checker.found + twice + bare
