"""The AWS CLI, as anybody has it, in this process: starting Python anew for each command takes a second."""

import contextlib
import io
import json
import shlex
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from harness import REGION, Server


@dataclass
class Shell:
    """The AWS CLI pointed at a server, and the ids that its commands have left."""

    env: dict[str, str]
    driver: object
    ids: dict[str, str] = field(default_factory=dict)

    def run(self, command: str) -> tuple[int, str, str]:
        """One command; its exit code and what it printed."""
        # What one command says of the Region would otherwise hold for those after it.
        self.driver.session.set_config_variable("region", REGION)
        out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = self.driver.main(shlex.split(command))
        return code, out.buffer.getvalue().decode(), err.getvalue()

    def __call__(self, command: str):
        """One command that succeeds; the JSON that it printed, or its text where it printed none."""
        code, out, err = self.run(command)
        assert code == 0, f"aws {command}\n{out}{err}"
        try:
            return json.loads(out) if out.strip() else {}
        except json.JSONDecodeError:
            return out

    def refused(self, command: str, error: str):
        """One command that AWS refuses with this code."""
        code, out, err = self.run(command)
        assert code in (254, 255), f"aws {command} was to be refused\n{out}{err}"
        assert f"({error})" in err, err


@contextmanager
def shell_at(server: Server, home: Path):
    """The AWS CLI pointed at this server, with nothing of the machine's own configuration."""
    from awscli.clidriver import create_clidriver

    env = {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(home / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
        "AWS_MAX_ATTEMPTS": "1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        yield Shell(env, create_clidriver())
