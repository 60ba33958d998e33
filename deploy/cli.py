"""The `oraq` command: install, run the API or a worker, submit and look at jobs.

Exit codes:
    0    done
    1    refused, or what was asked for failed (the job, with --wait)
    2    wrong usage, or a setting is missing or does not fit
    3    the database cannot be reached
    4    there is no such job
    130  interrupted

Everything that is read from the environment is read here, or by what is called from here with it.
Errors are one line on standard error. Passwords and tokens are never shown.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from deploy.commands import jobs, processes, schema
from deploy.commands.exits import CommandFailed, Exit
from deploy.interruption import INTERRUPTED
from deploy.logging import LogFormat, configure_logging
from deploy.settings import ConfigurationError, read_environment
from sql.errors import ConnectionLost, DatabaseAway, DatabaseError, NotInstalled

#: A command: its arguments and the environment; gives the exit code.
Command = Callable[[argparse.Namespace, Mapping[str, str]], int]

ENVIRONMENT_HELP = """\
environment:
  ORACLE_DSN          connect string, or ORACLE_HOST, ORACLE_PORT, ORACLE_SERVICE
  ORACLE_USER         who connects, and ORACLE_PASSWORD
  ORAQ_OWNER          the schema that owns the job tables, where it is not the user's own
  API_TOKEN, PORT     of the API
  LOG_LEVEL           debug, info (default), warning, error;  LOG_FORMAT: text (default), json
  ENV_FILE            a file with such lines, NAME=value; the environment wins

exit codes:
  0 done   1 refused or failed   2 wrong usage or setting   3 database away   4 no such job
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = build_parser().parse_args(arguments)
    run: Command = options.run
    try:
        environ = read_environment(os.environ, env_file=options.env_file)
        _configure_logging(environ)
        return run(options, environ)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has had enough, as with `oraq jobs | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.DONE
    except ConfigurationError as error:
        return _complain(str(error), Exit.USAGE)
    except CommandFailed as error:
        return _complain(str(error), error.exit)
    except (DatabaseAway, ConnectionLost) as error:
        return _complain(f"the database cannot be reached: {error.text}", Exit.AWAY)
    except NotInstalled as error:
        return _complain(f"OraQ is not installed here (oraq install): {error.text}", Exit.FAILED)
    except DatabaseError as error:
        return _complain(error.text, Exit.FAILED)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="oraq",
        description="Runs Oracle stored procedures asynchronously.",
        epilog=ENVIRONMENT_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--env-file", metavar="FILE", help="read settings from it (ENV_FILE)")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: Command, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        return command

    install = add("install", schema.install, "Install or upgrade the schema; twice is harmless.")
    install.add_argument("--samples", action="store_true", help="the PROC_TEST procedures as well")

    api = add("api", processes.run_api, "Serve the REST API.")
    api.add_argument("--host", help="address to listen on (API_HOST; default: all)")
    api.add_argument("--port", type=_port, help="0: a free one (PORT; default 3000)")

    worker = add("worker", processes.run_worker, "Run jobs until told to stop.")
    worker.add_argument("--slots", type=_count, help="jobs at once (default 4)")
    worker.add_argument("--grace", type=_seconds, help="seconds that jobs get to end at shutdown")
    worker.add_argument("--lease", type=_seconds, help="seconds until a silent worker is given up")
    worker.add_argument("--heartbeat", type=_seconds, help="seconds between signs of life")

    submit = add("submit", jobs.submit, "Submit a procedure call and print the job's id.")
    submit.add_argument("name", metavar="NAME", help="[schema.][package.]procedure")
    submit.add_argument(
        "params",
        metavar="p=v",
        nargs="*",
        help="p=value, p:number=5, p:date=2026-02-28, p:out, p:out:number, p:inout=x",
    )
    submit.add_argument("--wait", action="store_true", help="until it ends; print its outcome")
    submit.add_argument("--priority", type=int, choices=range(1, 10), default=5, metavar="1-9")
    submit.add_argument("--delay", type=_seconds, default=0.0, metavar="SECONDS")
    submit.add_argument("--max-attempts", type=_count, default=1, metavar="N")
    submit.add_argument("--on-loss", choices=("ask", "rerun", "fail"), default="ask")
    submit.add_argument("--transaction", choices=("managed", "own"), default="managed")
    submit.add_argument("--function", action="store_true", help="NAME is a function")
    submit.add_argument("--json", action="store_true", help="print JSON")

    listing = add("jobs", jobs.show_many, "List jobs, newest first.")
    listing.add_argument("which", nargs="?", choices=("active", "completed", "failed"))
    listing.add_argument("--limit", type=_count, default=50, metavar="N")
    listing.add_argument("--json", action="store_true", help="print JSON")

    one = add("job", jobs.show_one, "Show one job.")
    one.add_argument("id", metavar="ID")
    one.add_argument("--json", action="store_true", help="print JSON")

    for name, run, text in (
        ("cancel", jobs.cancel, "Stop a job: it ends as failed."),
        ("retry", jobs.retry, "Run a failed job again."),
        ("delete", jobs.delete, "Remove a job; a running one is rolled back."),
    ):
        add(name, run, text).add_argument("id", metavar="ID")

    cleanup = add("cleanup", jobs.clean_up, "Delete completed and failed jobs.")
    cleanup.add_argument(
        "--days", type=_days, default=7.0, help="that ended so long ago (default 7)"
    )

    add("health", schema.check_health, "Say what is wrong with the installation.")
    return parser


def _configure_logging(environ: Mapping[str, str]) -> None:
    level = environ.get("LOG_LEVEL", "info").lower()
    if level not in ("debug", "info", "warning", "error"):
        raise ConfigurationError("LOG_LEVEL has to be debug, info, warning or error")
    try:
        log_format = LogFormat(environ.get("LOG_FORMAT", "text").lower())
    except ValueError:
        raise ConfigurationError("LOG_FORMAT has to be text or json") from None
    configure_logging(level=level, log_format=log_format)


def _complain(text: str, exit_code: int) -> int:
    """One line, whatever was said: Oracle's messages often have several."""
    print(f"oraq: {' '.join(text.split())}", file=sys.stderr)
    return exit_code


def _port(text: str) -> int:
    number = _integer(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is 0 to 65535")
    return number


def _count(text: str) -> int:
    number = _integer(text)
    if number < 1:
        raise argparse.ArgumentTypeError("has to be 1 or more")
    return number


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"no whole number: {text!r}") from None


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"no number: {text!r}") from None
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError("has to be 0 or more")
    return number


_days = _seconds

if __name__ == "__main__":
    sys.exit(main())
