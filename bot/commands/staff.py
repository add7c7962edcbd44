"""`stadtbote staff …`: accounts of the desk; `stadtbote audit verify`."""

import argparse
from collections.abc import Mapping

from bot.commands.base import Answer, Refused, city, session, table
from broadcasts import db
from broadcasts.people import staff
from broadcasts.people.staff import Role, Staff, StaffError
from broadcasts.privacy import audit


def add(options: argparse.Namespace) -> Answer:
    here = city(options)
    roles = [Role(name) for name in options.role]
    with session(), db.transaction():
        try:
            made, password = staff.add(options.name, roles, language=options.language)
        except StaffError as error:
            raise Refused(str(error)) from error
        audit.record(here.audit_key, audit.COMMAND_LINE, "staff added", made.name, roles=made.roles)
    return _with_password(made, password)


def _with_password(account: Staff, password: str) -> Answer:
    data = {"name": account.name, "roles": account.roles, "password": password}
    lines = [
        f"{account.name} ({', '.join(account.roles)})",
        f"First password: {password}",
        "It is shown this once and replaced at the first sign-in.",
    ]
    if account.needs_code:
        lines.append("These roles need an authenticator app; it is set up at the first sign-in.")
    return Answer(data, lines)


def listing(options: argparse.Namespace) -> Answer:
    city(options)
    with session():
        rows = [
            {
                "name": row.name,
                "roles": row.roles,
                "state": "disabled" if row.disabled_at else "active",
                "one_time_codes": row.code_secret is not None,
                "signed_in_at": row.signed_in_at,
            }
            for row in staff.everyone()
        ]
    head = ["name", "roles", "state", "one_time_codes", "signed_in_at"]
    return Answer(rows, table(head, [[_cell(row[key]) for key in head] for row in rows]))


SAID: Mapping[object, object] = {True: "yes", False: "no", None: "never"}


def _cell(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(value)
    return SAID.get(value, value)


def disable(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session(), db.transaction():
        try:
            account = staff.get(options.name)
            staff.disable(account)
        except StaffError as error:
            raise Refused(str(error)) from error
        audit.record(here.audit_key, audit.COMMAND_LINE, "staff disabled", account.name)
    return Answer({"name": account.name, "state": "disabled"}, [f"{account.name} is disabled."])


def reset(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session(), db.transaction():
        try:
            account = staff.get(options.name)
        except StaffError as error:
            raise Refused(str(error)) from error
        password = staff.reset(account)
        audit.record(here.audit_key, audit.COMMAND_LINE, "staff reset", account.name)
    return _with_password(account, password)


def verify_audit(options: argparse.Namespace) -> Answer:
    here = city(options)
    with session():
        found = audit.verify(here.audit_key)
    data = {"whole": found.is_whole, "entries": found.entries, "broken_at": found.broken_at}
    if found.is_whole:
        return Answer(data, [f"The audit trail is whole: {found.entries} entries."])
    wrong = (
        "entries are missing at its end"
        if found.is_cut
        else f"entry {found.broken_at} is not as it was written"
    )
    return Answer(data, complaint=f"the audit trail is not whole: {wrong}")
