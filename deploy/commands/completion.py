"""Scripts that teach a shell to complete `oraq`.

They are made of the parser itself, so they never differ from it, and run no `oraq` at a TAB: a
completion that had to start Python and reach a database would be worse than none.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

import shtab

from deploy.commands.exits import Exit
from deploy.commands.options import AddCommand

SHELLS = ("bash", "zsh", "fish")


def add_commands(add: AddCommand, parser: Callable[[], argparse.ArgumentParser]) -> None:
    def show(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
        print(shtab.complete(parser(), options.shell))
        return Exit.DONE

    command = add("completion", show, 'Print a script for TAB: eval "$(oraq completion bash)"')
    command.add_argument("shell", choices=SHELLS)
