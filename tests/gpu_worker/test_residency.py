import threading
import time

import pytest

from gpu_worker.residency import Residency, Warmth


class Weights:
    def __init__(self, name):
        self.name = name

    def memory(self):
        return 10


def residency(*, budget=20, loaded=None, warm=lambda runner: None):
    loaded = loaded if loaded is not None else []

    def load(name):
        loaded.append(name)
        return Weights(name)

    return Residency(budget=budget, load=load, warm=warm)


def use(kept, *names):
    for name in names:
        with kept.using(name):
            time.sleep(0.001)


def test_a_model_is_loaded_once_for_all_who_ask_at_the_same_time():
    loaded = []
    kept = residency(loaded=loaded, warm=lambda runner: time.sleep(0.02))
    threads = [threading.Thread(target=use, args=(kept, "a")) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert loaded == ["a"]
    assert kept.warmth() == {"a": Warmth.READY}


def test_the_least_recently_used_model_leaves_first():
    kept = residency(budget=20)
    use(kept, "a", "b", "a", "c")

    assert kept.warmth() == {"a": Warmth.READY, "b": Warmth.COLD, "c": Warmth.READY}


def test_a_model_in_use_stays_even_beyond_the_budget():
    kept = residency(budget=10)
    with kept.using("a"):
        use(kept, "b")
        assert kept.warmth()["a"] == Warmth.READY


def test_a_model_says_that_it_is_warming():
    seen = []
    kept = residency(warm=lambda runner: seen.append(kept.warmth()["a"]))
    use(kept, "a")

    assert seen == [Warmth.WARMING]


def test_a_model_that_fails_to_load_is_cold_and_tried_again():
    kept = residency(warm=lambda runner: (_ for _ in ()).throw(OSError("no file")))

    for _ in range(2):
        with pytest.raises(OSError, match="no file"), kept.using("a"):
            pass
    assert kept.warmth() == {"a": Warmth.COLD}


def test_it_says_when_the_next_model_would_push_another_out():
    kept = residency(budget=20)
    use(kept, "a")
    assert not kept.is_full()
    use(kept, "b")
    assert kept.is_full()
