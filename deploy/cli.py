"""The `oraq` command: install, run the API or a worker, submit and look at jobs, find what is wrong.

Everything that is read from the environment is read here, or by what is called from here with it.
Errors are one line on standard error. Passwords and tokens are never shown. The exit codes are in
`deploy/commands/exits.py`.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata

from deploy.commands import (
    changes,
    completion,
    config,
    health,
    jobs,
    procedures,
    schema,
    submit,
    workers,
)
from deploy.commands.exits import MEANINGS, CommandFailed, Exit
from deploy.commands.options import Command, count, port, seconds
from deploy.logging import LogFormat, configure_logging
from deploy.settings import ConfigurationError, read_environment
from sql.errors import (
    ConnectionLost,
    DatabaseAway,
    DatabaseError,
    LogonRefused,
    NotInstalled,
    PrivilegeMissing,
)
from sql.install import SCHEMA_VERSION

ENVIRONMENT_HELP = """\
environment:
  ORACLE_DSN          connect string, or ORACLE_HOST, ORACLE_PORT, ORACLE_SERVICE
  ORACLE_USER         who connects, and ORACLE_PASSWORD
  ORAQ_OWNER          the schema that owns the job tables, where it is not the user's own
  API_TOKEN, PORT     of the API
  LOG_LEVEL           debug, info (default), warning, error;  LOG_FORMAT: text (default), json
  ENV_FILE            a file with such lines, NAME=value; the environment wins
  NO_COLOR            no colours
`oraq config` shows all, and what is in force.
"""
#: What Oracle says where a package of ours is there but not as this version knows it.
OTHER_VERSION = frozenset({"PLS-00302", "PLS-00306", "ORA-00904"})

#: What the driver says of a connect string before it connects: DPY-4000 alias unknown, DPY-4017 and
#: DPY-4018 wrong form, DPY-4021 to DPY-4023 wrong part, DPY-4026 and DPY-4027 no tnsnames.ora.
BAD_DSN = frozenset(f"DPY-{number}" for number in (4000, 4017, 4018, 4021, 4022, 4023, 4026, 4027))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if not all(_is_text(argument) for argument in given):
        return _complain("an argument is not UTF-8 text", Exit.USAGE)
    options = build_parser().parse_args(given)
    run: Command = options.run
    try:
        environ = read_environment(os.environ, env_file=options.env_file)
        _configure_logging(environ)
        code = run(options, environ)
        # Here, so that a reader who has gone is noticed here as well.
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has had enough, as with `oraq jobs | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT):
            raise
        # Nor may Python try again at its end what could not be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _complain(f"the output cannot be written: {error.strerror}", Exit.FAILED)
    except ConfigurationError as error:
        return _complain(str(error), Exit.USAGE)
    except CommandFailed as error:
        return _complain(str(error), error.exit)
    except DatabaseError as error:
        return _complain(*_judge(error, environ))


def _is_text(argument: str) -> bool:
    """Whether it was UTF-8: other bytes get into Python as characters that cannot be sent on."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True


def _judge(error: DatabaseError, environ: Mapping[str, str]) -> tuple[str, Exit]:
    """What to say of an error of the database, and the exit code."""
    user = environ.get("ORACLE_USER", "")
    match error:
        case DatabaseAway() | ConnectionLost():
            return f"the database cannot be reached: {error.text}", Exit.AWAY
        case LogonRefused():
            return f"user {user} cannot log on: {error.text}", Exit.FAILED
        case NotInstalled() if environ.get("ORAQ_OWNER"):
            return (
                f"OraQ is not installed in schema {environ['ORAQ_OWNER']}, or user {user} may not "
                f"use it (oraq health): {error.line}"
            ), Exit.FAILED
        case NotInstalled():
            return f"OraQ is not installed here (oraq install): {error.line}", Exit.FAILED
        case PrivilegeMissing():
            return f"user {user} may not do this: {error.text}", Exit.FAILED
        case _ if error.code in BAD_DSN:
            # What is quoted is the connect string, which may hold a password.
            return (
                f"ORACLE_DSN does not fit: {error.text.partition(chr(34))[0].strip()}",
                Exit.USAGE,
            )
        case _ if error.code in OTHER_VERSION:
            return (
                f"the installed schema is of another version (oraq health): {error.line}",
                Exit.FAILED,
            )
        case _:
            return error.text, Exit.FAILED


def build_parser() -> argparse.ArgumentParser:
    codes = "\n".join(f"  {code:<4} {meaning}" for code, meaning in MEANINGS.items())
    parser = argparse.ArgumentParser(
        prog="oraq",
        description="Runs Oracle stored procedures asynchronously.",
        epilog=f"{ENVIRONMENT_HELP}\nexit codes:\n{codes}\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=_version())
    parser.add_argument("--env-file", metavar="FILE", help="read settings from it (ENV_FILE)")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    submit.add_commands(add)
    jobs.add_commands(add)
    changes.add_commands(add)
    workers.add_commands(add)
    health.add_commands(add)
    schema.add_commands(add)
    procedures.add_commands(add)
    config.add_commands(add)

    api = add("api", _run_api, "Serve the REST API.")
    api.add_argument("--host", help="address to listen on (API_HOST; default: all)")
    api.add_argument("--port", type=port, help="0: a free one (PORT; default 3000)")

    worker = add("worker", _run_worker, "Run jobs until told to stop.")
    worker.add_argument("--slots", type=count, help="jobs at once (default 4)")
    for name, text in {
        "--grace": "that jobs get to end at shutdown (default 30)",
        "--cancel-grace": "from breaking a call off to dropping its connection (default 10)",
        "--lease": "until a silent worker is given up (default 15)",
        "--heartbeat": "between signs of life (default 5)",
        "--poll": "that one claim waits for a wake-up, whole ones (default 3)",
        "--cancel-check": "between looks for cancelled jobs (default 1)",
    }.items():
        worker.add_argument(name, type=seconds, help=f"seconds {text}")

    completion.add_commands(add, build_parser)
    return parser


def _version() -> str:
    try:
        release = metadata.version("oraq")
    except metadata.PackageNotFoundError:
        # Run from a copy that was never installed.
        release = "unknown"
    return f"oraq {release}, schema version {SCHEMA_VERSION}"


# The servers are imported where they are run: no other command has to wait for them.
def _run_api(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    from deploy.commands.processes import run_api

    return run_api(options, environ)


def _run_worker(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    from deploy.commands.processes import run_worker

    return run_worker(options, environ)


def _configure_logging(environ: Mapping[str, str]) -> None:
    level = environ.get("LOG_LEVEL", "info").lower()
    if level not in ("debug", "info", "warning", "error"):
        raise ConfigurationError("LOG_LEVEL has to be debug, info, warning or error")
    try:
        log_format = LogFormat(environ.get("LOG_FORMAT", "text").lower())
    except ValueError:
        raise ConfigurationError("LOG_FORMAT has to be text or json") from None
    configure_logging(level=level, log_format=log_format)


def _complain(text: str, exit_code: Exit) -> int:
    """One line, whatever was said: Oracle's messages often have several."""
    print(f"oraq: {' '.join(text.split())}", file=sys.stderr)
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
