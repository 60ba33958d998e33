"""The allow list: which procedures may be submitted, by whom, and how long they may run."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from deploy.commands.exits import CommandFailed, Exit
from deploy.commands.options import AddCommand, add_json, count, seconds
from deploy.commands.screen import new_table, open_console, print_json, show_span
from deploy.commands.session import Session, run_in_session
from sql.exact_json import JsonValue
from sql.names import InvalidName, dictionary_name, split_name
from sql.operations import ProcedureRule

T = TypeVar("T")

EVERYTHING = "*"
#: What stands for no limit.
ANY = "any"


def add_commands(add: AddCommand) -> None:
    command = add(
        "procedures", show, "Show or change the list of procedures that may be submitted."
    )
    add_json(command)
    actions = command.add_subparsers(title="actions", metavar="ACTION")

    def add_action(name: str, run: Callable[..., int], text: str) -> argparse.ArgumentParser:
        action = actions.add_parser(name, help=text, description=text)
        action.set_defaults(run=run)
        # The command has the option as well; what stands there must not be lost.
        action.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document"
        )
        return action

    add_action("list", show, "Show the list; the same as without an action.")
    for name, run, text in (
        ("allow", allow, "Put a procedure on the list."),
        ("limit", limit, "Change the limits of a procedure that is on the list; 'any' lifts one."),
        ("remove", remove, "Take a procedure off the list."),
    ):
        action = add_action(name, run, text)
        action.add_argument(
            "name",
            metavar="NAME",
            help="as it is submitted: [schema.][package.]procedure; '*': all",
        )
        action.add_argument(
            "--user", metavar="USER", default=EVERYTHING, help="database user (default '*': all)"
        )
        if name != "remove":
            action.add_argument(
                "--time-limit", type=_or_any(seconds), metavar="TIME", help="longest: 90, 5m, any"
            )
            action.add_argument(
                "--max-attempts", type=_or_any(count), metavar="N", help="most, or any"
            )


def _or_any(read: Callable[[str], T]) -> Callable[[str], T | str]:
    """Reads a limit, or the word that lifts it."""

    def read_limit(text: str) -> T | str:
        return ANY if text.strip().lower() == ANY else read(text)

    return read_limit


def show(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    async def work(session: Session) -> list[ProcedureRule]:
        return await session.operations.procedures()

    rules = _run(environ, work)
    if options.json:
        print_json({"procedures": [_as_json(rule) for rule in rules]})
        return Exit.DONE
    console = open_console()
    if not rules:
        console.print(
            "The list is empty: the owner may submit everything that the workers' user may execute, "
            "and nobody else anything."
        )
        return Exit.DONE
    rows_shown = [
        (
            rule.procedure_name,
            rule.submitted_by,
            show_span(rule.timeout_seconds) or "any",
            "any" if rule.max_attempts is None else str(rule.max_attempts),
        )
        for rule in rules
    ]
    headings = ("PROCEDURE", "SUBMITTED BY", "TIME LIMIT", "ATTEMPTS")
    console.print(new_table(headings, rows_shown, right=("ATTEMPTS",), flexible=("PROCEDURE",)))
    return Exit.DONE


def allow(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    rule = _read_rule(options)

    async def work(session: Session) -> tuple[list[ProcedureRule], bool]:
        before = await session.operations.procedures()
        return before, await session.operations.set_procedure(rule)

    before, is_new = _run(environ, work)
    if options.json:
        print_json(_as_json(rule) | {"new": is_new})
        return Exit.DONE
    print(f"{_shown(rule)} is allowed" + ("" if is_new else ", as before; its limits are set"))
    was_listed = any(r.submitted_by in (EVERYTHING, rule.submitted_by) for r in before)
    if not was_listed and rule.procedure_name != EVERYTHING:
        who = "everybody" if rule.submitted_by == EVERYTHING else rule.submitted_by
        print(f"From now on {who} may submit only what is on the list.")
    return Exit.DONE


def limit(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    wanted = _read_rule(options)

    async def work(session: Session) -> ProcedureRule:
        rules = {
            (r.procedure_name, r.submitted_by): r for r in await session.operations.procedures()
        }
        known = rules.get((wanted.procedure_name, wanted.submitted_by))
        if known is None:
            raise _missing(wanted)
        # A limit that is not named stays as it is.
        rule = replace(
            wanted,
            timeout_seconds=wanted.timeout_seconds
            if options.time_limit is not None
            else known.timeout_seconds,
            max_attempts=wanted.max_attempts
            if options.max_attempts is not None
            else known.max_attempts,
        )
        await session.operations.set_procedure(rule)
        return rule

    rule = _run(environ, work)
    if options.json:
        print_json(_as_json(rule))
        return Exit.DONE
    print(
        f"{_shown(rule)}: time limit {show_span(rule.timeout_seconds) or 'any'}, "
        f"attempts {'any' if rule.max_attempts is None else rule.max_attempts}"
    )
    return Exit.DONE


def remove(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    rule = _read_rule(options)

    async def work(session: Session) -> bool:
        if not await session.operations.remove_procedure(rule.procedure_name, rule.submitted_by):
            raise _missing(rule)
        return not await session.operations.procedures()

    is_empty = _run(environ, work)
    if options.json:
        removed: dict[str, JsonValue] = {"submitted_by": rule.submitted_by, "removed": True}
        print_json({"procedure_name": rule.procedure_name} | removed | {"list_is_empty": is_empty})
        return Exit.DONE
    print(f"{_shown(rule)} is off the list")
    if is_empty:
        print(
            "It was the last: from now on the owner may submit everything, and nobody else anything."
        )
    return Exit.DONE


def _as_json(rule: ProcedureRule) -> dict[str, JsonValue]:
    return {
        "procedure_name": rule.procedure_name,
        "submitted_by": rule.submitted_by,
        "timeout_seconds": rule.timeout_seconds,
        "max_attempts": rule.max_attempts,
    }


def _run(environ: Mapping[str, str], work: Callable[[Session], Awaitable[T]]) -> T:
    async def checked(session: Session) -> T:
        with session.as_owner("see or change the list"):
            return await work(session)

    return run_in_session(environ, checked)


def _read_rule(options: argparse.Namespace) -> ProcedureRule:
    """The rule in the spelling that the database compares with: upper case, without quotes."""
    try:
        name = options.name
        if name != EVERYTHING:
            name = ".".join(split_name(name)).upper()
        user = options.user
        if user != EVERYTHING:
            user = dictionary_name(user)
    except InvalidName as error:
        raise CommandFailed(str(error), Exit.USAGE) from error
    return ProcedureRule(
        procedure_name=name,
        submitted_by=user,
        timeout_seconds=_lifted(getattr(options, "time_limit", None)),
        max_attempts=_lifted(getattr(options, "max_attempts", None)),
    )


def _lifted(limit: T | str | None) -> T | None:
    return None if isinstance(limit, str) else limit


def _missing(rule: ProcedureRule) -> CommandFailed:
    return CommandFailed(f"{_shown(rule)} is not on the list", Exit.MISSING)


def _shown(rule: ProcedureRule) -> str:
    name = "everything" if rule.procedure_name == EVERYTHING else rule.procedure_name
    return name if rule.submitted_by == EVERYTHING else f"{name} by {rule.submitted_by}"
