"""What a log line says of something unforeseen: where, of which kind, nothing of anybody."""

from pathlib import Path

import peewee
import pytest

from broadcasts import db, faults


def test_it_names_our_frames_and_the_innermost_of_a_library(tmp_path: Path) -> None:
    db.open_database(f"sqlite:///{tmp_path}/no-such-folder/Erika.db")
    with pytest.raises(peewee.OperationalError) as caught, db.session():
        pass
    said = faults.where(caught.value)
    assert said.startswith("OperationalError [SQLITE_CANTOPEN] at ")
    _, *ours = said.partition(" at ")[2].split(" < ")
    assert ours
    assert {place.split(":")[0] for place in ours} <= {"db.py", "pool.py"}
    assert "Erika" not in said


def test_it_names_an_error_that_was_never_raised() -> None:
    assert faults.where(ValueError("Erika")) == "ValueError"
