"""The live application with beats that a test can wait for, served as the live part is."""

from __future__ import annotations

from watchbill.interfaces.live.asgi import Live

application = Live(beat_s=0.5)


def serve() -> None:
    """Run it as `watchbill live` would."""
    from granian.constants import Interfaces

    from watchbill.config import parts
    from watchbill.config.env import env

    parts.follow_parent()
    parts._granian(
        "tests.interfaces.live.quick:application", env(), port=env().live_port, interface=Interfaces.ASGI, workers=1
    )
