"""The recipes of `docs/recipes`, run as a person would: their own shell blocks, in order, through bash."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from harness import RUN_SECONDS_MAX, Amictl, Server, binary

RECIPES = Path(__file__).resolve().parent.parent / "docs" / "recipes"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ASSIGNMENT = re.compile(r"^export ([A-Z][A-Z0-9_]*)=", re.MULTILINE)
# The section whose block tells what the reader puts in: the test puts it in instead.
INPUT = "What you put in"


@dataclass
class Recipe:
    """A document's sections by heading, each with its shell blocks, and the shell that they are typed into."""

    server: Server
    home: Path
    sections: dict[str, list[str]]
    variables: dict[str, str]
    done: list[str] = field(default_factory=list)

    def run(self, section: str | None = None, code: int = 0) -> str:
        """Runs the next section, which must have this heading if one is given; what it printed."""
        left = [heading for heading in self.sections if heading not in self.done]
        assert left, "every section has been run"
        assert section in (None, left[0]), f"the next section is {left[0]!r}"
        self.done.append(left[0])
        return self._bash("\n".join(self.sections[left[0]]), code)

    def run_all(self) -> str:
        """Runs the sections that are left; what they printed."""
        return "".join(self.run() for heading in list(self.sections) if heading not in self.done)

    def type(self, script: str, code: int = 0) -> str:
        """Runs what stands in no document, in the same shell; what it printed."""
        return self._bash(script, code)

    def _bash(self, script: str, code: int) -> str:
        kept = self.home / "shell-variables"
        # What a block exports is there for those after it, as in one terminal.
        whole = f'trap "export -p > {kept}" EXIT\n[ -e {kept} ] && . {kept}\nset -euo pipefail\n{script}\n'
        done = subprocess.run(
            ["bash", "-c", whole],
            env={**Amictl(self.home, self.server.url).env, **self.variables, "PATH": self._path(), "NO_COLOR": "1"},
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS_MAX,
        )
        shown = f"{script}\nexit code {done.returncode}\n--- stdout\n{done.stdout[-4000:]}\n--- stderr\n{done.stderr[-4000:]}"
        assert done.returncode == code, f"expected exit code {code}\n{shown}"
        assert "panicked at" not in done.stderr, shown
        return done.stdout

    def _path(self) -> str:
        programs = self.home / "bin"
        programs.mkdir(exist_ok=True)
        link = programs / "amictl"
        if not link.is_symlink():
            link.symlink_to(binary())
        return os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ.get("PATH", "/usr/bin:/bin")])


def recipe(name: str, server: Server, home: Path, **variables: str) -> Recipe:
    """The recipe of `docs/recipes/NAME.md`; `variables` are what its section "What you put in" exports, no more and no less."""
    text = (RECIPES / f"{name}.md").read_text()
    sections: dict[str, list[str]] = {}
    asked: list[str] = []
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        blocks = BLOCK.findall(body)
        if heading == INPUT:
            asked = ASSIGNMENT.findall("\n".join(blocks))
        elif blocks:
            assert heading not in sections, f"two sections are called {heading!r}"
            sections[heading] = blocks
    assert sections, f"{name}.md has no shell block below a heading"
    assert sorted(asked) == sorted(variables), f"{name}.md asks for {asked}"
    home.mkdir(parents=True, exist_ok=True)
    return Recipe(server, home, sections, variables)
