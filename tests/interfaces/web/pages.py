"""What a page answers, as its HTML."""

from __future__ import annotations


def html_of(client, path, status=200, **data):
    """The page at *path*, or what the form *data* sent there is answered with; any other status fails."""
    answer = client.post(path, data) if data else client.get(path)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()
