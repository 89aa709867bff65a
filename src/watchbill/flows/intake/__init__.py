"""Import of history: read a file into a desk, infer what it says about people, release what was held back."""

from watchbill.flows.intake.held import Released, release
from watchbill.flows.intake.infer import Inferred, infer
from watchbill.flows.intake.load import Summary, import_run
from watchbill.flows.intake.profiles import profile_load, profile_names

__all__ = [
    "Inferred",
    "Released",
    "Summary",
    "import_run",
    "infer",
    "profile_load",
    "profile_names",
    "release",
]
