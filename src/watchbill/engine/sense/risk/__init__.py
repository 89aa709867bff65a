"""Risk: how likely a commitment is to be missed, by a model of the desk's own past; why; and how far that can be trusted.

What others build on (all pure; NumPy only, except `learn`, which loads scikit-learn when it is called)::

    log, promises = Log(...), Promises(...)          # facts.py: columns; the flow gathers them, -1 and NEVER where unknown
    past = Past(log, promises)                       # ledgers, made once per tick or hour; no later event may be in its log
    asked = Asked(item=..., name=..., at_us=..., used=..., left_s=..., due_us=...)   # running promises now; item: row of the log
    lesson = learn(past, seed=0)                     # train, calibrate, test by time: Lesson(model or None, report, words)
    body = lesson.model.as_json()                    # plain JSON with version and digest: what the worker keeps in a table
    model = Model.from_json(body)                    # refuses what is not whole; numbers only, so nothing in it can run
    scores = score(model, past, asked)               # Scores: p_miss, and two reasons for each row
    scores.reasons_of(row)                           # (Reason(code, words), Reason(code, words))
    score(model, past, replace(asked, owner=owners)) # "what if she took it now": -2 leaves a row as it is; state likewise
    packed = Likeness.of(past, now_us).as_bytes()    # the verdicts of the whole log, counted: kept beside the model, and
    past = Past(log, Promises.none(), likeness=Likeness.from_bytes(packed))  # live, the log of open items is enough

`lesson.model` is None where there is too little history (`lesson.words` says so with counts); `baseline(asked)` is then what to
show, or `sense.rollout` where people's hours and the open items are at hand. `lesson.model.source` is "model", or "baseline"
where the model did not beat the share of the target that is used: then `score` answers with that baseline, calibrated.
A promise past its due is certain: ask only about running ones. Model numbers (`model.digest`) belong beside every kept score.
"""

from watchbill.engine.sense.risk.decide import baseline, score
from watchbill.engine.sense.risk.facts import NEVER, RATIOS, Asked, Log, Promises, as_asked
from watchbill.engine.sense.risk.features import Features, features
from watchbill.engine.sense.risk.learning import learn
from watchbill.engine.sense.risk.likeness import Likeness
from watchbill.engine.sense.risk.model import Model
from watchbill.engine.sense.risk.outcome import Lesson, Reason, Reliability, Scores
from watchbill.engine.sense.risk.past import Past

__all__ = [
    "NEVER",
    "RATIOS",
    "Asked",
    "Features",
    "Lesson",
    "Likeness",
    "Log",
    "Model",
    "Past",
    "Promises",
    "Reason",
    "Reliability",
    "Scores",
    "as_asked",
    "baseline",
    "features",
    "learn",
    "score",
]
