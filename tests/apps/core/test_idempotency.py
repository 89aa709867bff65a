"""Answers given once."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from watchbill.apps.core import models
from watchbill.apps.core.idempotency import Answer, answer_once, fingerprint, idempotency_forget
from watchbill.engine.base.errors import InvalidFacts


def once(do, *, key="k1", print_="f1", scope="user:1"):
    return answer_once(scope=scope, key=key, fingerprint=print_, do=do)


class Writer:
    """Counts how often the write was really done."""

    def __init__(self, body="{}", error=None):
        self.done, self.body, self.error = 0, body, error

    def __call__(self):
        self.done += 1
        if self.error:
            raise self.error
        return Answer(status=201, body=self.body)


@pytest.mark.django_db
def test_the_same_key_answers_again_without_writing_again():
    """The second sending of a write gets the first one's answer, byte for byte, and nothing is done."""
    write = Writer('{"b": 1, "a": "é"}')
    first, second = once(write), once(write)
    assert write.done == 1
    assert (second.status, second.body) == (first.status, first.body) == (201, '{"b": 1, "a": "é"}')
    assert (first.is_replay, second.is_replay) == (False, True)


@pytest.mark.django_db
def test_a_key_of_another_request_is_refused():
    """A key that comes with another body is an error that says so; nothing is written."""
    write = Writer()
    once(write)
    with pytest.raises(InvalidFacts, match="another request"):
        once(write, print_="f2")
    assert write.done == 1


@pytest.mark.django_db
def test_keys_of_different_users_do_not_meet():
    """Two users may choose the same key."""
    write = Writer()
    once(write, scope="user:1")
    once(write, scope="user:2")
    assert write.done == 2


@pytest.mark.django_db
def test_a_write_that_fails_leaves_its_key_free():
    """After an error the same key may be sent again, and is then done."""
    with pytest.raises(InvalidFacts):
        once(Writer(error=InvalidFacts("no")))
    write = Writer()
    assert once(write).is_replay is False
    assert write.done == 1


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "  ", "x" * 256, "a\nb"])
def test_keys_that_make_no_sense_are_refused(key):
    """A key is 1 to 255 printable characters."""
    with pytest.raises(InvalidFacts, match="idempotency key"):
        once(Writer(), key=key)


@pytest.mark.django_db
def test_old_answers_are_forgotten():
    """An answer is kept for 48 h of wall time; younger ones stay."""
    once(Writer(), key="old")
    once(Writer(), key="young")
    with connection.cursor() as cursor:
        cursor.execute("update core_idempotencykey set created_at = now() - interval '49 hours' where key = 'old'")
    assert idempotency_forget() == 1
    assert list(models.IdempotencyKey.objects.values_list("key", flat=True)) == ["young"]


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_does_it():
    """Two requests with one key at the same moment: one writes, both get its answer."""
    inside, go = threading.Event(), threading.Event()
    done, answers = [], []

    def slow():
        done.append("slow")
        inside.set()
        assert go.wait(10)
        return Answer(status=201, body='"first"')

    def quick():
        done.append("quick")
        return Answer(status=201, body='"second"')

    def run(do):
        try:
            answers.append(once(do))
        finally:
            connection.close()

    first = threading.Thread(target=run, args=(slow,))
    first.start()
    assert inside.wait(10)
    second = threading.Thread(target=run, args=(quick,))
    second.start()
    wait_until_somebody_waits_for_a_lock()
    go.set()
    first.join(10)
    second.join(10)
    assert done == ["slow"]
    assert [answer.body for answer in answers] == ['"first"', '"first"']
    assert sorted(answer.is_replay for answer in answers) == [False, True]


def wait_until_somebody_waits_for_a_lock():
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute(
                "select count(*), pg_sleep(0.005) from pg_locks as l join pg_stat_activity as a using (pid)"
                " where not l.granted and a.datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("the second writer never waited for the first")


def test_a_fingerprint_tells_where_one_part_ends():
    """Moving a byte from one part to the next makes another fingerprint."""
    assert fingerprint(b"ab", b"c") != fingerprint(b"a", b"bc")
    assert fingerprint(b"ab", b"c") == fingerprint(b"ab", b"c")
