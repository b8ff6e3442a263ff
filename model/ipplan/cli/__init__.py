"""The command line: ``ipplan run``, ``list``, ``explain``, ``measures``, ``hindcast``, ``fit``, ``validate``, ``show``.

Only names and help texts live here, so that help comes at once; each command imports what it needs when it runs. A
command is one function ``execute(arguments) -> exit code`` in its own module and one line in ``COMMANDS``.

Exit codes: 0 done, 1 the run failed, 2 a mistake in what was given, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, NoReturn

from ipplan.errors import InputError, nearest

DONE, FAILED, MISTAKE, INTERRUPTED, NO_READER = 0, 1, 2, 130, 141

Add = Callable[[argparse.ArgumentParser], None]


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take no abbreviated options: what works today must not become ambiguous tomorrow."""
        super().__init__(*args, **{"allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """Say what is wrong on one line and leave with code 2."""
        message = message.replace("the following arguments are required: ", "this is missing: ")
        more = "" if message.endswith((".", "?")) else f"; see {self.prog} --help."
        raise InputError(f"{self.prog}: {_sentence(message + more)}")

    def suggest(self, given: str) -> str:
        """Return the hint for an unknown option or command."""
        known = [option for action in self._actions for option in (*action.option_strings, *(action.choices or ()))]
        return nearest(given, [str(name) for name in known])


def _sentence(message: str) -> str:
    text = " ".join(message.split())
    return text if text.endswith((".", "?")) else f"{text}."


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="scenario file, such as scenarios/fifteenth_plan.toml")
    parser.add_argument("--scale", help="share of the nation that is simulated, such as 1/100")
    parser.add_argument("--replicates", help="number of seeds, 1 to 1000")
    parser.add_argument("--seed", help="seed of the whole ensemble, 0 to 4294967295")
    parser.add_argument("--to", metavar="YYYY-MM", help="first month that is not run, at the latest 2036-01")
    parser.add_argument("--workers", help="processors to use (all by default); results do not depend on it")
    parser.add_argument("--results", metavar="DIR", default="results", help="where run folders land (default: results)")
    parser.add_argument("--out", metavar="DIR", help="the run folder itself, instead of DIR/<scenario>-<key>")
    parser.add_argument("--evidenced", action="store_true", help="also run the plan with evidenced measures only")
    parser.add_argument("--no-figures", action="store_true", help="draw no pictures")
    parser.add_argument("--force", action="store_true", help="run again even if the folder holds this run, or another")
    parser.add_argument("--quiet", action="store_true", help="no progress bar, and no table at the end")


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="WHAT", help="measures, primitives, drivers, indicators, targets or scenarios")
    parser.add_argument("--json", action="store_true", help="an array of objects, each with an id")
    parser.add_argument("--scenario", metavar="FILE", help="measures: also those of your own in this scenario file")


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("measure", metavar="MEASURE", help="an id of `ipplan list measures`, or one of your own")
    parser.add_argument("--scenario", metavar="FILE", help="the scenario file that holds your own measure")


def _add_measures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", metavar="ACTION", help="coverage (every row of the plans) or study (run it anew)")
    parser.add_argument("--scenario", metavar="FILE", help="the measures of your own in this scenario file instead")
    parser.add_argument("--run", action="store_true", help="coverage: measure at small scale now, and keep nothing")
    parser.add_argument("--json", action="store_true", help="coverage: an array of objects")
    parser.add_argument("--scale", help="share of the nation that is simulated (default: 1/1000; --run: 1/2000)")
    parser.add_argument("--seeds", help="number of seeds (default: 16; --run: 4)")
    parser.add_argument("--to", metavar="YYYY-MM", default="2031-01", help="first month not run (default: 2031-01)")
    parser.add_argument("--only", metavar="IDS", help="study: some measures, with commas between")
    parser.add_argument("--no-interactions", action="store_true", help="study: leave out the pairs of the strongest")
    parser.add_argument("--fresh", action="store_true", help="study: drop the runs of an earlier one")
    parser.add_argument("--workers", help="processors to use (all by default); results do not depend on it")
    parser.add_argument("--out", metavar="DIR", help="where the study is kept (default: experiments/measures, "
                                                     "or results/measures-<scenario>)")  # fmt: skip


def _add_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run folder, such as results/fifteenth_plan-0123456789ab")


def _add_hindcast(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scale", default="1/100", help="share of the nation that is simulated (default: 1/100)")
    parser.add_argument("--seeds", default="101,102,103,104", help="seeds, none of them fitted (default: 101 to 104)")
    parser.add_argument("--all", action="store_true", help="show every point, not only the misses")
    parser.add_argument("--to", metavar="YEAR", help="also show the years after 2021 up to this one, unscored")


def _add_fit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scale", default="1/400", help="share of the nation that is simulated (default: 1/400)")
    parser.add_argument("--seeds", default="11,12", help="seeds to fit on (default: 11 and 12)")
    parser.add_argument("--steps", default="12", help="steps of the optimiser at most (default: 12)")
    parser.add_argument("--refine", default="4", help="steps after these that count misses at most (default: 4)")
    parser.add_argument("--fresh", action="store_true", help="start from the schema's values, not from the last fit's")
    parser.add_argument("--out", metavar="FILE", help="where to write (default: the package's data/fitted.toml)")


def _add_validate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--patterns", action="store_true", help="patterns observed in the world, one by one")
    parser.add_argument("--scale", default="1/100", help="share of the nation that is simulated (default: 1/100)")
    parser.add_argument("--seeds", default="101,102", help="seeds, none of them fitted (default: 101 and 102)")
    parser.add_argument("--json", action="store_true", help="an array of objects, each with an id")


COMMANDS: dict[str, tuple[str, str, Add]] = {
    "run": ("run a scenario and its baseline, and keep the results in a folder", "ipplan.cli.run", _add_run),
    "list": ("print measures, primitives, drivers, indicators, targets or scenarios", "ipplan.cli.listing", _add_list),
    "explain": ("say in plain words what a measure does, and on what evidence", "ipplan.cli.explain", _add_explain),
    "measures": ("show what covers each row of the plans, or study all measures", "ipplan.cli.measures", _add_measures),
    "hindcast": ("score the history 2017-2021 against what was observed", "ipplan.cli.hindcast", _add_hindcast),
    "fit": ("fit the marked parameters to 2017-2021 and write data/fitted.toml", "ipplan.cli.fit", _add_fit),
    "validate": ("ask the model for patterns that were observed", "ipplan.cli.validate", _add_validate),
    "show": ("print the table of a finished run", "ipplan.cli.show", _add_show),
}
"""Command -> (what it does, the module that holds its ``execute``, what adds its arguments)."""


def parser() -> Parser:
    """Return the parser of the whole command line."""
    whole = Parser(prog="ipplan", description="What plans do to China's intellectual-property system, month by month.")
    whole.add_argument("--version", action="store_true", help="print the version and leave")
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=Parser)
    for name, (about, module, add) in COMMANDS.items():
        command = commands.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
        add(command)
        command.set_defaults(module=module, parser=command)
    return whole


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the parsed arguments; raises InputError with one sentence."""
    whole = parser()
    words = [word for word in arguments if not word.startswith("-")]
    if words and arguments[0] == words[0] and words[0] not in COMMANDS:
        raise InputError(f"ipplan: there is no command '{_short(words[0])}'; the commands are {', '.join(COMMANDS)}."
                         f"{nearest(words[0], COMMANDS)}")
    known, unknown = whole.parse_known_args(arguments)
    if unknown:
        where: Parser = getattr(known, "parser", whole)
        kind = "option" if unknown[0].startswith("-") else "argument"
        raise InputError(f"{where.prog}: there is no {kind} '{_short(unknown[0])}' here; see {where.prog} --help."
                         f"{where.suggest(unknown[0])}")
    return known


def _short(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:60])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; mistakes are one sentence on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show Chinese still gets every line
            stream.reconfigure(errors="backslashreplace")
    try:
        given = parse(sys.argv[1:] if arguments is None else arguments)
        code = _execute(given)
        sys.stdout.flush()
    except InputError as error:
        return _complain(str(error), MISTAKE)
    except KeyboardInterrupt:
        _complain("Stopped; nothing was kept.", INTERRUPTED)
        if arguments is None:  # as a program, leave at once: a thread inside compiled code does not hear
            os._exit(INTERRUPTED)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has left, as in `ipplan list measures | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NO_READER
    except OSError as error:
        return _complain(f"ipplan: {error.strerror or error}{f': {error.filename}' if error.filename else ''}.", FAILED)
    return code


def _execute(given: argparse.Namespace) -> int:
    if given.version:
        from ipplan import __version__

        print(f"ipplan {__version__}")
        return DONE
    if given.command is None:
        raise InputError(f"ipplan: name a command: {', '.join(COMMANDS)}; see ipplan --help.")
    code: int = import_module(given.module).execute(given)
    return code


def _complain(sentence: str, code: int) -> int:
    """Print one line on stderr."""
    line = "".join(c if c.isprintable() or c == "\u3000" else " " for c in sentence)
    with suppress(OSError):  # where nobody listens, the exit code still tells
        print(line, file=sys.stderr, flush=True)
    return code
