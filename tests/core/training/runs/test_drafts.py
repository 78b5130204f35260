import time
from pathlib import Path

import pytest

from core.networks.edit import append
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.training.runs.database import Database
from core.training.runs.designs import DesignStore
from core.training.runs.drafts import Drafts

LENET, TINY = NAMED_NETWORKS["LeNet"], NAMED_NETWORKS["LeNet_tiny"]
MINE = append(LENET, layer("ReLU"))
DAY = 24 * 3600


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "runs")


def test_a_draft_takes_the_place_of_the_one_before(database: Database) -> None:
    drafts = Drafts(database)
    assert drafts.of("ada", "design") is None
    drafts.keep("ada", "design", LENET)
    drafts.keep("ada", "design", MINE)
    drafts.keep("ada", "pinned", LENET)
    drafts.keep("bob", "design", TINY)
    assert drafts.of("ada", "design") == MINE
    assert drafts.of("ada", "pinned") == LENET
    assert drafts.of("bob", "design") == TINY
    drafts.clear("ada", "pinned")
    assert drafts.of("ada", "pinned") is None and drafts.of("ada", "design") == MINE
    assert DesignStore(database).designs() == []
    with pytest.raises(ValueError, match="no slot 'desk'; there are design, pinned"):
        drafts.keep("ada", "desk", LENET)


def test_a_draft_that_can_not_be_read_is_none(database: Database) -> None:
    drafts = Drafts(database)
    drafts.keep("ada", "design", LENET)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE drafts SET spec = '{}'")
    assert drafts.of("ada", "design") is None
    drafts.keep("ada", "design", MINE)
    assert drafts.of("ada", "design") == MINE


def test_drafts_of_visitors_that_are_long_gone_are_thrown_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "time", lambda: now)
    drafts = Drafts(database)
    drafts.keep("ada", "design", LENET)
    now += 300 * DAY
    drafts.keep("bob", "design", LENET)
    assert drafts.of("ada", "design") == LENET
    now += 101 * DAY
    drafts.keep("cyd", "design", LENET)
    assert drafts.of("ada", "design") is None
    assert drafts.of("bob", "design") == LENET
