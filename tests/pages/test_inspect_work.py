"""Work in steps: two script runs of one session may come to it at once."""

import threading
from collections.abc import Iterator

from pages.inspect.work import Work


def test_who_comes_while_a_step_is_made_goes_by() -> None:
    inside, leave = threading.Event(), threading.Event()

    def steps() -> Iterator[int]:
        yield 1
        inside.set()
        assert leave.wait(10)
        yield 2

    work = Work("of", steps())
    first = threading.Thread(target=work.advance)
    first.start()
    assert inside.wait(10)
    work.advance()  # not "generator already executing"
    assert work.latest == 1 and not work.over
    leave.set()
    first.join(10)
    assert work.latest == 2
