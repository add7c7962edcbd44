"""Plain language and other languages: voices beside what is written once."""

from typing import Any

from broadcasts.db import JSONField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        *(
            migrator.add_column(table, "voices", JSONField(default={}))
            for table in ("post", "broadcast", "alert_request", "prepared_text")
        )
    )
