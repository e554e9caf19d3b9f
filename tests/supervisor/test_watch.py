"""When a dead service starts again."""

from pathlib import Path

import pytest

from config.supervisor.refusal import CannotStart
from config.supervisor.service import Service
from config.supervisor.watch import FIRST_DELAY, GROWN_UP_SECONDS, LONGEST_DELAY, Watch


class Mortal(Service):
    def __init__(self):
        super().__init__("mortal", Path("mortal.log"))
        self.starts = 0
        self.alive = True
        self.lasts = True
        self.refuses = False

    def start(self):
        self.starts += 1
        if self.refuses:
            raise CannotStart("The disk is full.")
        self.alive = self.lasts

    @property
    def is_alive(self):
        return self.alive


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def said():
    return []


@pytest.fixture
def mortal():
    return Mortal()


@pytest.fixture
def watch(mortal, clock, said):
    return Watch([mortal], say=said.append, clock=lambda: clock[0])


def _delays(watch, mortal, clock, deaths):
    found = []
    for _ in range(deaths):
        began, starts = clock[0], mortal.starts
        while mortal.starts == starts:
            watch.look()
            clock[0] += 0.5
        found.append(clock[0] - 0.5 - began)
    return found


def test_nothing_happens_while_it_lives(watch, mortal, clock, said):
    for _ in range(100):
        watch.look()
        clock[0] += 1

    assert mortal.starts == 0
    assert said == []


def test_it_waits_twice_as_long_after_each_early_death_up_to_a_bound(watch, mortal, clock):
    mortal.alive = mortal.lasts = False

    assert _delays(watch, mortal, clock, 8) == [FIRST_DELAY, 1, 2, 4, 8, 16, LONGEST_DELAY, LONGEST_DELAY]


def test_who_lived_long_starts_again_at_once(watch, mortal, clock):
    mortal.alive = mortal.lasts = False
    _delays(watch, mortal, clock, 5)
    mortal.alive = True
    clock[0] += GROWN_UP_SECONDS
    watch.look()
    mortal.alive = False

    assert _delays(watch, mortal, clock, 1) == [FIRST_DELAY]


def test_a_start_that_is_refused_is_tried_again_later(watch, mortal, clock, said):
    mortal.alive, mortal.refuses = False, True
    _delays(watch, mortal, clock, 2)
    mortal.refuses = False
    _delays(watch, mortal, clock, 1)

    assert mortal.alive
    assert "The disk is full." in said[1]
