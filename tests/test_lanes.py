"""The machine is shared without ever being promised twice."""

import threading
import time

from pipeline.lanes import Lanes, Share, the_lanes, usable_cores


def test_never_more_is_held_than_there_is() -> None:
    lanes = Lanes(Share(cores=4, sessions=1))
    held, most, guard = [0], [0], threading.Lock()

    def work(cores: int) -> None:
        for _ in range(20):
            with lanes.hold(Share(cores=cores)):
                with guard:
                    held[0] += min(cores, 4)
                    most[0] = max(most[0], held[0])
                time.sleep(0.001)
                with guard:
                    held[0] -= min(cores, 4)

    threads = [threading.Thread(target=work, args=(cores,)) for cores in (1, 2, 3, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < most[0] <= 4
    assert held[0] == 0


def test_long_work_leaves_what_it_does_not_need() -> None:
    lanes = Lanes(Share(cores=8, gpus=1))
    with lanes.set_aside(Share(cores=6)):
        assert lanes.left == Share(cores=2, gpus=1)
        assert not Share(cores=4).within(lanes.left)
    with lanes.set_aside(Share(gpus=1)):
        assert Share(cores=8).within(lanes.left)
        with lanes.hold(Share(cores=8)):
            assert lanes.left == Share(cores=8), "a segment is done soon"
    assert lanes.left == lanes.whole


def test_who_asks_first_is_served_first() -> None:
    lanes = Lanes(Share(cores=2))
    served: list[str] = []

    def ask(name: str, cores: int) -> None:
        with lanes.hold(Share(cores=cores)):
            served.append(name)

    with lanes.hold(Share(cores=1)):
        wide = threading.Thread(target=ask, args=("wide", 2))
        wide.start()
        while not lanes._waiting:
            time.sleep(0.001)
        narrow = threading.Thread(target=ask, args=("narrow", 1))
        narrow.start()
        while len(lanes._waiting) < 2:
            time.sleep(0.001)
        assert served == [], "a narrow work does not keep a wide one waiting for ever"
    wide.join()
    narrow.join()
    assert served == ["wide", "narrow"]


def test_a_process_has_one_machine() -> None:
    assert the_lanes() is the_lanes()
    assert the_lanes().whole.cores == usable_cores() >= 1
