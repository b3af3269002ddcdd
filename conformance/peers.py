"""Tools of others that clean up AMIs, run as their users run them, and kept on this machine."""

import json
import os
import subprocess
from pathlib import Path

from harness import REGION, RUN_SECONDS_MAX, peers_python

LOOPBACK = Path(__file__).resolve().parent / "loopback"
REFUSED = "this would leave the machine"


class Peer:
    """One tool, with an environment and a home of its own."""

    def __init__(self, home: Path, url: str, *command: str):
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        self.command = [str(peers_python()), *command]
        self.env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(home),
            "PYTHONPATH": str(LOOPBACK),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "ignore",
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(home / "aws-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "aws-credentials"),
        }

    def __call__(self, *args: str, answers: str = "") -> str:
        """Runs it to its end, typing these answers; returns what it printed."""
        done = subprocess.run(
            [*self.command, *args],
            env=self.env,
            cwd=self.home,
            input=answers,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS_MAX,
        )
        said = f"{' '.join(args)}\n{done.stdout}\n{done.stderr[-6000:]}"
        assert done.returncode == 0, said
        assert REFUSED not in done.stderr, said
        assert "Traceback" not in done.stderr, said
        return done.stdout


class Custodian(Peer):
    """Cloud Custodian."""

    def __init__(self, home: Path, url: str):
        super().__init__(home, url, "-m", "c7n.cli")

    def run(self, name: str, filters: list, actions: list, *options: str) -> list[dict]:
        """Runs one policy over AMIs; returns the resources that it matched."""
        policy = {"name": name, "resource": "aws.ami", "filters": filters, "actions": actions}
        path = self.home / f"{name}.json"
        path.write_text(json.dumps({"policies": [policy]}))
        output = self.home / "output"
        self("run", "--output-dir", str(output), "--cache-period", "0", "--region", REGION, *options, str(path))
        return json.loads((output / name / "resources.json").read_text())


class AmiCleaner(Peer):
    """aws-amicleaner."""

    def __init__(self, home: Path, url: str):
        super().__init__(home, url, "-c", "import amicleaner.cli; amicleaner.cli.main()")
