"""The audit trail can be filtered by staff, act and time, however long it is."""

from typing import Any

INDEXES = {
    "audit_entry_act_at": "act, at",
    "audit_entry_staff_at": "staff, at",
    "audit_entry_staff_act_at": "staff, act, at",
}


def up(migrator: Any, db: Any) -> None:
    for name, columns in INDEXES.items():
        db.execute_sql(f"CREATE INDEX {name} ON audit_entry ({columns})")
    # The first of them does its work, too.
    db.execute_sql("DROP INDEX audit_entry_act")
