"""The report needs no installation."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.flows.backtest.report.answers import answer


def test_neither_django_nor_a_database_is_loaded(tmp_path):
    """Lines, page and document are made by a process that has no settings; typst comes with the document alone."""
    saved = tmp_path / "answer.json"
    saved.write_text(json.dumps(answer().as_json()), encoding="utf-8")
    program = (
        f"import json, sys; saved = json.load(open({str(saved)!r}, encoding='utf-8'))\n"
        "from watchbill.flows.backtest.report.lines import lines_of\n"
        "from watchbill.flows.backtest.report.page import html_of\n"
        "from watchbill.flows.backtest.report.pdf import pdf_of\n"
        "assert lines_of(saved, 80, True) and html_of(saved)\n"
        "loaded = {'django', 'psycopg', 'scipy', 'ortools', 'typst'} & set(sys.modules)\n"
        "assert pdf_of(saved)\n"
        "print(sorted(loaded), 'django' in sys.modules)"
    )
    bare = {"PATH": "", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=bare, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[] False\n", "")
