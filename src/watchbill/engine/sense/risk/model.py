"""A model of risk as data: trees of numbers with a calibration, kept as JSON, read with care, and added up with NumPy.

It is learned by scikit-learn (`learning.py`) and never needs it again. There is no pickle: a body holds numbers and names,
`from_json` checks each of them (indices inside their tree, children after their parent, so that every walk ends), and its
digest. Reading a forged body can give wrong numbers at worst; it can run nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchbill.engine.base.jsonform import read_list, read_object, read_text, read_whole, refuse
from watchbill.engine.sense.risk.facts import RATIOS, Floats

VERSION = 2
"""Of what is written. Version 1 had one slope for all shares of the target, and nothing of items that are over."""

MOST_TREES, MOST_NODES, MOST_FEATURES = 2000, 255, 256
SOURCES = ("model", "baseline")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tree:
    """One tree: node 0 is its root; a leaf is its own child on both sides.

    feature: which column is asked. limit: goes left where the value is not above it; unknown values go right, or left where
    ``unknown_left``. value: what the tree adds to the log odds when the walk ends at the node; inner ones have theirs, too:
    from one to the next is what the question contributed.
    """

    feature: NDArray[np.intp]
    limit: Floats
    unknown_left: NDArray[np.bool_]
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    value: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """A model that was learned: what it asks, its trees, and what makes a probability of their sum.

    names: features in the order of the trees' columns. families: what each belongs to, for reasons. start: log odds before any
    tree. slopes, shifts: the calibrated log odds are ``slope * sum + shift`` of the share of the target that is used.
    over: what is added to them for an item that is over while its clock runs on.
    steps: after that, isotonic steps: probabilities before and after, both rising. Models of version 1 may have them.
    source: "model", or "baseline" where the share of the target that is used did no worse; then there are no trees.
    about: what it was learned from, for people.
    """

    names: tuple[str, ...]
    families: tuple[str, ...]
    start: float
    trees: tuple[Tree, ...]
    slopes: tuple[float, ...]
    shifts: tuple[float, ...]
    over: float = 0.0
    steps: tuple[tuple[float, float], ...] = ()
    source: str = "model"
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 over everything that the model says: the same facts and seed, the same digest."""
        return digest_of(self._body())

    def as_json(self) -> dict[str, Any]:
        """A plain object of numbers, names and lists, with version and digest; `from_json` reads it back."""
        body = self._body()
        return body | {"digest": digest_of(body)}

    def _body(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "source": self.source,
            "names": list(self.names),
            "families": list(self.families),
            "start": self.start,
            "slopes": list(self.slopes),
            "shifts": list(self.shifts),
            "over": self.over,
            "steps": [list(step) for step in self.steps],
            "trees": [
                {
                    "feature": tree.feature.tolist(),
                    "limit": tree.limit.tolist(),
                    "unknown_left": tree.unknown_left.astype(int).tolist(),
                    "left": tree.left.tolist(),
                    "right": tree.right.tolist(),
                    "value": tree.value.tolist(),
                }
                for tree in self.trees
            ],
            "about": dict(self.about),
        }

    @classmethod
    def from_json(cls, body: object) -> Model:
        """Read what `as_json` wrote, now or in version 1; raise InvalidFacts, naming the key, for anything else."""
        is_old = isinstance(body, Mapping) and body.get("version") == 1
        parts = read_object(
            body, "model",
            keys=("version", "source", "names", "families", "start", *(("slope",) if is_old else ("slopes", "over")), "shifts",
                  "steps", "trees", "about", "digest"),
        )  # fmt: skip
        read_whole(parts.get("version"), "model.version", low=1, high=VERSION)
        if parts.get("digest") != digest_of({key: value for key, value in parts.items() if key != "digest"}):
            raise refuse("model.digest", parts.get("digest"), "the digest of this body")
        names = read_list(parts.get("names"), "model.names", read_text)
        families = read_list(parts.get("families"), "model.families", read_text)
        slopes = (
            (_number(parts.get("slope"), "model.slope"),) * len(RATIOS)
            if is_old
            else read_list(parts.get("slopes"), "model.slopes", _number)
        )
        shifts = read_list(parts.get("shifts"), "model.shifts", _number)
        steps = read_list(parts.get("steps"), "model.steps", _step)
        trees = parts.get("trees")
        about = parts.get("about")
        if len(names) > MOST_FEATURES or len(families) != len(names):
            raise refuse("model.families", len(families), f"one for each of at most {MOST_FEATURES} names")
        for key, numbers in (("slopes", slopes), ("shifts", shifts)):
            if len(numbers) != len(RATIOS):
                raise refuse(f"model.{key}", len(numbers), f"{len(RATIOS)} numbers")
        if any(one[0] >= other[0] or one[1] > other[1] for one, other in pairwise(steps)):
            raise refuse("model.steps", len(steps), "pairs that rise")
        if not isinstance(trees, list) or len(trees) > MOST_TREES:
            raise refuse("model.trees", trees, f"at most {MOST_TREES} trees")
        if not isinstance(about, Mapping):
            raise refuse("model.about", about, "an object")
        if parts.get("source") not in SOURCES:
            raise refuse("model.source", parts.get("source"), f"one of {', '.join(SOURCES)}")
        return cls(
            names=names,
            families=families,
            start=_number(parts.get("start"), "model.start"),
            trees=tuple(_tree(tree, f"model.trees[{at}]", len(names)) for at, tree in enumerate(trees)),
            slopes=slopes,
            shifts=shifts,
            over=0.0 if is_old else _number(parts.get("over"), "model.over"),
            steps=steps,
            source=str(parts["source"]),
            about=about,
        )

    def add_up(self, values: NDArray[np.float32], families: Sequence[str]) -> tuple[Floats, NDArray[np.float32]]:
        """The sum of the trees for each row, and what each family of features contributed to it.

        values: rows by ``names``. The contributions sum to the sum less ``start``. O(rows * trees * depth), a block of rows
        at a time so that memory stays flat.
        """
        place = np.array([families.index(name) for name in self.families], dtype=np.intp)
        total = np.full(len(values), self.start)
        shares = np.zeros((len(values), len(families)), dtype=np.float32)
        told = [_told(tree, place, len(families)) for tree in self.trees]
        for begin in range(0, len(values), _BLOCK):
            block = np.ascontiguousarray(values[begin : begin + _BLOCK].T)
            has_unknown = bool(np.isnan(block).any())
            for tree, (depth, paths) in zip(self.trees, told, strict=True):
                leaf = _walk(tree, block, depth, has_unknown=has_unknown)
                total[begin : begin + _BLOCK] += tree.value[leaf]
                shares[begin : begin + _BLOCK] += paths[leaf]
        return total, shares

    def probability(self, total: Floats, used: Floats, is_over: Floats) -> Floats:
        """The calibrated probability of a sum of trees at a share of the target, of an item that is over (1) or not (0)."""
        share = np.clip(np.searchsorted(RATIOS, used, "right") - 1, 0, len(RATIOS) - 1)
        odds = np.asarray(self.slopes)[share] * total + np.asarray(self.shifts)[share] + self.over * is_over
        p = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        if self.steps:
            before, after = zip(*self.steps, strict=True)
            p = np.interp(p, before, after)
        return np.asarray(np.clip(p, 0.001, 0.999), dtype=np.float64)


_BLOCK = 8192


def digest_of(body: Mapping[str, Any]) -> str:
    """SHA-256 of a body in one spelling: keys sorted, no spaces, numbers as they are read back."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _walk(tree: Tree, columns: NDArray[np.float32], depth: int, *, has_unknown: bool) -> NDArray[np.intp]:
    rows = np.arange(columns.shape[1])
    node = np.zeros(columns.shape[1], dtype=np.intp)
    sides = np.column_stack([tree.right, tree.left]).ravel()
    for _ in range(depth):
        value = columns[tree.feature[node], rows]
        is_left = value <= tree.limit[node]
        if has_unknown:
            is_left |= np.isnan(value) & tree.unknown_left[node]
        node = sides[2 * node + is_left]
    return node


def _told(tree: Tree, place: NDArray[np.intp], families: int) -> tuple[int, NDArray[np.float32]]:
    """How deep a tree is, and for each node what each family contributed on the way to it."""
    paths = np.zeros((len(tree.feature), families), dtype=np.float32)
    depth = np.zeros(len(tree.feature), dtype=int)
    paths[0, place[tree.feature[0]]] = tree.value[0]
    for node in range(len(tree.feature)):
        for child in {int(tree.left[node]), int(tree.right[node])} - {node}:
            paths[child] = paths[node]
            paths[child, place[tree.feature[node]]] += tree.value[child] - tree.value[node]
            depth[child] = depth[node] + 1
    return int(depth.max()), paths


def _number(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise refuse(key, value, "a finite number")
    return float(value)


def _step(value: object, key: str) -> tuple[float, float]:
    pair = read_list(value, key, _number)
    if len(pair) != 2:
        raise refuse(key, value, "two numbers")
    return pair[0], pair[1]


def _tree(body: object, key: str, features: int) -> Tree:
    keys = ("feature", "limit", "unknown_left", "left", "right", "value")
    parts = read_object(body, key, keys=keys)
    columns = [parts.get(name) for name in keys]
    if not all(isinstance(column, list) and 1 <= len(column) <= MOST_NODES for column in columns):
        raise refuse(key, body, f"six lists of 1 to {MOST_NODES} numbers")
    limits, values = (read_list(parts[name], f"{key}.{name}", _number) for name in ("limit", "value"))
    size = len(values)

    def whole(name: str, high: int) -> tuple[int, ...]:
        return read_list(parts[name], f"{key}.{name}", lambda value, at: read_whole(value, at, low=0, high=high))

    feature, unknown = whole("feature", features - 1), whole("unknown_left", 1)
    left, right = whole("left", size - 1), whole("right", size - 1)
    if {len(limits), len(feature), len(unknown), len(left), len(right)} != {size}:
        raise refuse(key, size, "lists of one length")
    for node, pair in enumerate(zip(left, right, strict=True)):
        if min(pair) < node or (node in pair and pair[0] != pair[1]):
            raise refuse(f"{key}.left[{node}]", list(pair), "two later nodes, or for a leaf itself twice")
    return Tree(
        feature=np.array(feature, dtype=np.intp), limit=np.array(limits), unknown_left=np.array(unknown, dtype=bool),
        left=np.array(left, dtype=np.intp), right=np.array(right, dtype=np.intp), value=np.array(values),
    )  # fmt: skip
