"""Import of history: read a file into a desk, infer what it says about people, release what was held back."""

from watchbill.flows.intake.held import Released, release
from watchbill.flows.intake.infer import Inferred, infer
from watchbill.flows.intake.load import Summary, import_run
from watchbill.flows.intake.profiles import profile_load, profile_names
from watchbill.flows.intake.upload import Taken, upload_take, uploads_import

__all__ = [
    "Inferred",
    "Released",
    "Summary",
    "Taken",
    "import_run",
    "infer",
    "profile_load",
    "profile_names",
    "release",
    "upload_take",
    "uploads_import",
]
