"""Mutation testing of the stock ledger: break one thing at a time and see whether a test notices.

``mutate_stock.py survey`` runs the quick stock tests once with coverage, to learn which test touches
which line. ``mutate_stock.py run`` then forks a child for each mutant: the child swaps the code of
the functions concerned in memory and runs the tests that touch the line, quickest first, until one
fails. Results go to a file, line by line, so a run that was stopped goes on where it ended.
``mutate_stock.py report`` prints the figures and every survivor.

No source file is ever changed. Needs the packages of the development lock only.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
import types
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
TARGETS: Final = ("app/domain/stock/rules", "app/domain/stock/services")
TESTS: Final = "tests/domain/stock"
LEFT_OUT: Final = ("test_model.py",)
CPU_SECONDS_PER_MUTANT: Final = 60
"""More means that a mutant never ends; a busy machine alone does not use it up."""

TESTS_PER_MUTANT: Final = 40

_COMPARE: Final = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_ARITHMETIC: Final = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
_CALLS: Final = {"max": "min", "min": "max", "any": "all", "all": "any", "sorted": "list"}


def mutations(node: ast.AST) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the ways to break one node: a name, and the fields to set."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARE:
        yield "compare", {"ops": [_COMPARE[type(node.ops[0])](), *node.ops[1:]]}
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _ARITHMETIC:
        yield "arithmetic", {"op": _ARITHMETIC[type(node.op)]()}
    elif isinstance(node, ast.BoolOp):
        yield "boolean", {"op": ast.Or() if isinstance(node.op, ast.And) else ast.And()}
    elif (
        isinstance(node, ast.Constant) and type(node.value) in (bool, int, str) and node.value != ""
    ):
        value = node.value
        changed: object = f"{value}!" if isinstance(value, str) else value + 1
        yield "constant", {"value": not value if isinstance(value, bool) else changed}
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        yield "always", {"test": ast.Constant(True)}
        yield "never", {"test": ast.Constant(False)}
    elif isinstance(node, ast.Return) and node.value is not None:
        yield "return nothing", {"value": ast.Constant(None)}
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        yield "call", {"func": ast.Name(_CALLS[node.func.id], ast.Load())}
    elif isinstance(node, ast.comprehension) and node.ifs:
        yield "no filter", {"ifs": []}


def is_droppable(node: ast.AST) -> bool:
    """Say whether a statement may be left out: a call, a raise, an addition to something."""
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Raise | ast.AugAssign | ast.Continue)


class Mutant:
    """One change in one file."""

    def __init__(self, path: str, place: int, number: int, tree: ast.Module) -> None:
        self.path, self.place, self.number = path, place, number
        node = list(ast.walk(tree))[place]
        self.line: int = getattr(node, "lineno", 0) or min(
            (each.lineno for each in ast.walk(node) if hasattr(each, "lineno")), default=1
        )
        before = ast.unparse(node)
        self.name = self._apply(node)
        after = "pass" if self.name == "drop" else ast.unparse(node)
        self.what = f"{before[:90]} -> {after[:90]}".replace("\n", " ")
        digest = hashlib.sha256(f"{path}:{place}:{number}:{before}".encode()).hexdigest()
        self.key = digest[:16]

    def _apply(self, node: ast.AST) -> str:
        ways = list(mutations(node))
        if self.number == len(ways):
            return "drop"
        name, values = ways[self.number]
        for field, value in values.items():
            setattr(node, field, value)
        return name

    def tree(self) -> ast.Module:
        """Return the changed module."""
        tree = ast.parse((ROOT / self.path).read_text())
        node = list(ast.walk(tree))[self.place]
        if self._apply(node) == "drop":
            for parent in ast.walk(tree):
                for body in (getattr(parent, name, None) for name in ("body", "orelse")):
                    if isinstance(body, list) and node in body:
                        body[body.index(node)] = ast.copy_location(ast.Pass(), node)
        return ast.fix_missing_locations(tree)


def _ignored(tree: ast.Module) -> set[int]:
    """Return the nodes that are words for readers: docstrings, annotations, lists of exports."""
    found: set[int] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.AnnAssign | ast.arg):
            parts.append(node.annotation)
        if isinstance(node, ast.FunctionDef):
            parts += [node.returns, *node.decorator_list]
        if isinstance(node, ast.ClassDef):
            parts += [*node.decorator_list, *node.bases]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            parts.append(node)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript | ast.BinOp):
            is_type = all(
                isinstance(each, ast.Name) and each.id[0].isupper() for each in node.targets
            )
            parts += [node] if is_type else []
        if isinstance(node, ast.Assign) and any(
            isinstance(each, ast.Name) and each.id == "__all__" for each in node.targets
        ):
            parts.append(node)
        for part in parts:
            found |= {id(each) for each in ast.walk(part)} if part is not None else set()
    return found


def mutants_of(path: str) -> list[Mutant]:
    """Return every mutant of a file, in the order of its nodes."""
    source = (ROOT / path).read_text()
    tree = ast.parse(source)
    ignored = _ignored(tree)
    found = []
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in ignored:
            ways = len(list(mutations(node))) + is_droppable(node)
            found += [Mutant(path, place, number, ast.parse(source)) for number in range(ways)]
    return found


def swap(module: types.ModuleType, tree: ast.Module) -> None:
    """Put changed functions and constants into a module that others have imported already."""
    scratch = dict(vars(module))
    known = dict(scratch)
    exec(compile(tree, module.__file__ or "", "exec"), scratch)  # noqa: S102  # our own source
    for name, new in scratch.items():
        old = known.get(name)
        if new is old or (isinstance(new, types.ModuleType)):
            continue
        if isinstance(old, types.FunctionType) and isinstance(new, types.FunctionType):
            _swap_function(old, new)
        elif isinstance(old, type) and isinstance(new, type):
            for part, value in vars(new).items():
                inner = vars(old).get(part)
                if isinstance(inner, types.FunctionType) and isinstance(value, types.FunctionType):
                    _swap_function(inner, value)
        elif getattr(old, "__module__", None) == getattr(new, "__module__", None):
            for other in list(sys.modules.values()):
                if vars(other).get(name) is old and getattr(other, "__name__", "").startswith(
                    "app."
                ):
                    setattr(other, name, new)


def _swap_function(old: types.FunctionType, new: types.FunctionType) -> None:
    if old.__code__.co_freevars == new.__code__.co_freevars:
        old.__code__ = new.__code__
        old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__


def files() -> list[str]:
    """Return the files to break, rules first."""
    return [
        str(path.relative_to(ROOT))
        for target in TARGETS
        for path in sorted((ROOT / target).glob("*.py"))
        if path.name != "__init__.py"
    ]


def survey(folder: Path) -> None:
    """Run the quick tests once, noting which of them touches which line, and how long it takes."""
    import coverage
    import pytest

    class Clock:
        seconds: dict[str, float] = {}

        def pytest_runtest_logreport(self, report: Any) -> None:
            self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration

    data = folder / "coverage"
    clock = Clock()
    os.environ["COVERAGE_FILE"] = str(data)
    code = pytest.main(
        ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--cov=app/domain/stock",
         "--cov-context=test", "--cov-report=", *_ignoring(), TESTS], plugins=[clock],
    )  # fmt: skip
    found = coverage.CoverageData(str(data))
    found.read()
    lines: dict[str, dict[int, list[str]]] = {}
    for path in files():
        by_line = found.contexts_by_lineno(str(ROOT / path))
        lines[path] = {
            line: sorted({each.partition("|")[0] for each in names if each})
            for line, names in by_line.items()
        }
    survey_file = {"lines": lines, "seconds": clock.seconds, "code": int(code)}
    (folder / "survey.json").write_text(json.dumps(survey_file))


def _ignoring() -> list[str]:
    return [f"--ignore={TESTS}/{name}" for name in LEFT_OUT]


class Runner:
    """The process that has everything imported and forks a child for each mutant."""

    def __init__(self, folder: Path) -> None:
        import pytest

        found = json.loads((folder / "survey.json").read_text())
        self.seconds: dict[str, float] = found["seconds"]
        self.lines: dict[str, dict[str, list[str]]] = found["lines"]
        self.results = folder / "results.jsonl"
        self.folder = folder
        os.environ["TEST_DATABASE"] = "sqlite"
        pytest.main(["-q", "--collect-only", *_ignoring(), TESTS, "-p", "no:cacheprovider"])
        self._keep_template()

    def _keep_template(self) -> None:
        """Let all children copy one migrated database."""
        from tests import databases

        kept = databases.SqliteTemplates(Path(tempfile.mkdtemp(dir=self.folder)))

        def adopt(self: Any, _folder: Path) -> None:
            self.template = kept.template

        databases.SqliteTemplates.__init__ = adopt  # type: ignore[method-assign]  # children only

    def tests_for(self, mutant: Mutant) -> list[str]:
        """Return the tests that touch the line, quickest first; of a constant, those of the file."""
        by_line = self.lines.get(mutant.path, {})
        names = set(by_line.get(str(mutant.line), ()))
        if not names:
            names = {name for each in by_line.values() for name in each}
        return sorted(names, key=lambda name: self.seconds.get(name, 9.0))[:TESTS_PER_MUTANT]

    def judge(self, mutant: Mutant) -> str:
        """Return what became of a mutant: killed, endless, survived or untouched."""
        chosen = self.tests_for(mutant)
        if not chosen:
            return "untouched"
        child = os.fork()
        if not child:
            self._be_child(mutant, chosen)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            return "endless" if os.WTERMSIG(status) == signal.SIGXCPU else "killed"
        return "survived" if status == 0 else "killed"

    def _be_child(self, mutant: Mutant, chosen: list[str]) -> None:
        code = 1
        try:
            import pytest

            used = resource.getrusage(resource.RUSAGE_SELF)
            limit = int(used.ru_utime + used.ru_stime) + CPU_SECONDS_PER_MUTANT
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            name = mutant.path.removesuffix(".py").replace("/", ".")
            swap(importlib.import_module(name), mutant.tree())
            base = tempfile.mkdtemp(dir=self.folder)
            code = pytest.main(
                ["-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider", "--no-header",
                 f"--basetemp={base}", *chosen]
            )  # fmt: skip
        finally:
            os._exit(int(code))

    def run(self, paths: list[str], *, seconds: float, every: int) -> None:
        """Judge every so manieth mutant that was not judged before, as long as there is time."""
        done = {each["key"] for each in read(self.results)}
        ends = time.monotonic() + seconds
        with self.results.open("a") as results:
            for mutant in (each for path in paths for each in mutants_of(path)):
                if mutant.key in done or int(mutant.key, 16) % every:
                    continue
                if time.monotonic() > ends:
                    return
                row = {
                    "key": mutant.key, "path": mutant.path, "line": mutant.line,
                    "name": mutant.name, "what": mutant.what, "end": self.judge(mutant),
                }  # fmt: skip
                results.write(json.dumps(row) + "\n")
                results.flush()


def read(results: Path) -> list[dict[str, Any]]:
    """Return what was judged so far."""
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text().splitlines()]


def report(folder: Path) -> None:
    """Print figures by file, and every mutant that no test noticed."""
    rows = read(folder / "results.jsonl")
    present = {mutant.key for path in files() for mutant in mutants_of(path)}
    rows = list({row["key"]: row for row in rows if row["key"] in present}.values())
    say = sys.stdout.write
    say(f"{len(present)} mutants, {len(rows)} judged\n")
    for path in files():
        ends = Counter(row["end"] for row in rows if row["path"] == path)
        caught = ends["killed"] + ends["endless"]
        if judged := sum(ends.values()):
            say(f"{path}: {caught} of {judged} caught, {100 * caught / judged:.0f} %\n")
    for row in rows:
        if row["end"] in ("survived", "untouched"):
            say(
                f"{row['end']} {row['key']} {row['path']}:{row['line']} [{row['name']}] {row['what']}\n"
            )


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("act", choices=("survey", "run", "report"))
    parser.add_argument("paths", nargs="*", help="files to break; none means all")
    parser.add_argument("--folder", type=Path, default=ROOT / "instance" / "mutants")
    parser.add_argument("--every", type=int, default=1, help="judge a sample: one in so many")
    parser.add_argument("--seconds", type=float, default=3600)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    if chosen.act == "survey":
        survey(chosen.folder)
    elif chosen.act == "run":
        Runner(chosen.folder.resolve()).run(
            chosen.paths or files(), seconds=chosen.seconds, every=chosen.every
        )
    else:
        report(chosen.folder)


if __name__ == "__main__":
    main()
