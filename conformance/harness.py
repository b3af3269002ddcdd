"""Servers to test against, and the amictl binary as a person runs it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

REGION = "us-east-1"
ACCOUNT = "123456789012"
HOST = "127.0.0.1"
READY_SECONDS_MAX = 60
RUN_SECONDS_MAX = 180
POLL_SECONDS = 0.02
ADMIN = ("--admin", f"{HOST}:0")
# By access key: a session keeps the models that it has read, and EC2's takes half a second.
SESSIONS: dict[str, boto3.session.Session] = {}


def binary() -> Path:
    """The binary under test: `AMICTL_BIN`, or what `cargo build` made."""
    default = Path(__file__).resolve().parent.parent / "target" / "debug" / "amictl"
    path = Path(os.environ.get("AMICTL_BIN", default))
    if not path.is_file():
        raise RuntimeError(f"no amictl binary at {path}: build it, or set AMICTL_BIN")
    return path


def peers_python() -> Path:
    """The Python that has the tools of others: `PEERS_PYTHON`, or that of the environment that the check makes."""
    default = Path(__file__).resolve().parent.parent / "target" / "python-peers" / "bin" / "python"
    path = Path(os.environ.get("PEERS_PYTHON", default))
    if not path.is_file():
        raise RuntimeError(f"no Python with the peers at {path}: `cargo xtask check` makes it, or set PEERS_PYTHON")
    return path


def wait_until(condition, what: str, seconds_max: float = READY_SECONDS_MAX):
    """Returns the first true value of `condition()`; fails when none comes in time."""
    deadline = time.monotonic() + seconds_max
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds_max} s for {what}")
        time.sleep(POLL_SECONDS)


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def accepts(port: int) -> bool:
    """Whether something accepts connections on this port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


class Server:
    """A server process that answers AWS calls at `url`; its output is kept in a file for the failure message."""

    def __init__(self, name: str, command: list[str], env: dict[str, str]):
        self.name = name
        self.log_path = Path(tempfile.mkstemp(prefix=f"{name}-", suffix=".log")[1])
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            self.port = wait_until(self._printed_port, f"{name} to print its address")
            wait_until(self._ready, f"{name} to accept connections")
        except BaseException:
            self.stop()
            raise
        self.url = f"http://{HOST}:{self.port}"

    def log(self) -> str:
        """What the server has printed so far."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def _alive(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.log()}")

    def _printed_port(self):
        self._alive()
        found = re.search(rf"http://{re.escape(HOST)}:(\d+)", self.log())
        return int(found[1]) if found else None

    def _ready(self):
        self._alive()
        return accepts(self.port)

    def stop(self):
        """Ends the server and waits for its end."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        self.log_path.unlink(missing_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def admin(self, method: str, path: str, body: object = None):
        """Asks the admin endpoint of a sandbox that was started with `ADMIN`."""
        found = wait_until(lambda: re.search(r"admin\D{0,40}http://([\d.]+:\d+)", self.log()), "the admin endpoint")
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"http://{found[1]}{path}", data, method=method)) as reply:
            return json.loads(reply.read() or "null")

    def advance(self, span: str):
        """Moves the sandbox's clock ahead, such as by `36h`."""
        self.admin("PUT", "/clock", {"advance": span})

    def client(self, service: str, region: str = REGION, access_key: str = "testing"):
        """A boto3 client of this server."""
        if access_key not in SESSIONS:
            SESSIONS[access_key] = boto3.session.Session(aws_access_key_id=access_key, aws_secret_access_key="testing")
        return SESSIONS[access_key].client(
            service,
            region,
            endpoint_url=self.url,
            config=Config(retries={"max_attempts": 1}, max_pool_connections=16),
        )


def moto_server() -> Server:
    """An empty moto server: none of the AMIs that moto brings along."""
    env = {
        **os.environ,
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    # It takes a free port itself: one that was found free before may be another server's by the time that it starts.
    return Server("moto", [sys.executable, "-m", "moto.server", "-H", HOST, "-p", "0"], env)


def sandbox_server(*options: str, world: str = "empty") -> Server:
    """amictl's sandbox, empty unless told otherwise; the crate's example `serve` where `SANDBOX_BIN` names one."""
    serve = os.environ.get("SANDBOX_BIN")
    program = [serve] if serve else [str(binary()), "sandbox"]
    command = [*program, "--listen", f"{HOST}:0", "--world", world, *options]
    return Server("sandbox", command, {**os.environ, "NO_COLOR": "1"})


@dataclass(frozen=True)
class Result:
    """How one run of the binary ended."""

    args: tuple[str, ...]
    code: int
    stdout: str
    stderr: str

    def json(self):
        """The one JSON document on standard output."""
        try:
            return json.loads(self.stdout)
        except json.JSONDecodeError as error:
            raise AssertionError(f"standard output is not one JSON document ({error})\n{self}") from None

    def __str__(self) -> str:
        return (
            f"amictl {' '.join(self.args)}\nexit code {self.code}\n"
            f"--- stdout\n{self.stdout[:4000]}\n--- stderr\n{self.stderr[-4000:]}"
        )


class Amictl:
    """The binary with an environment of its own: no configuration, credentials or state of whoever runs the tests."""

    def __init__(self, home: Path, url: str | None, **env: str | None):
        self.home = home
        self.state = home / "state"
        home.mkdir(parents=True, exist_ok=True)
        self.env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(home),
            "AWS_CONFIG_FILE": str(home / "aws-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "aws-credentials"),
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        if url:
            self.env["AWS_ENDPOINT_URL"] = url
        self.change_env(**env)

    def change_env(self, **env: str | None):
        """Sets variables; `None` removes one."""
        for name, value in env.items():
            if value is None:
                self.env.pop(name, None)
            else:
                self.env[name] = value

    def command(self, args: tuple[str, ...], state: Path | None = None) -> list[str]:
        """The command line, with the state folder."""
        return [str(binary()), "--state", str(state or self.state), *args]

    def start(self, *args: str, **popen) -> subprocess.Popen:
        """Starts it and returns at once."""
        return subprocess.Popen(
            self.command(args),
            env=self.env,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **popen,
        )

    def __call__(self, *args: str, code: int | tuple[int, ...] = 0, state: Path | None = None) -> Result:
        """Runs it to its end and checks its exit code, and that it did not panic."""
        done = subprocess.run(
            self.command(args, state),
            env=self.env,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS_MAX,
        )
        result = Result(args, done.returncode, done.stdout, done.stderr)
        assert "panicked at" not in result.stderr, str(result)
        codes = code if isinstance(code, tuple) else (code,)
        assert result.code in codes, f"expected exit code {' or '.join(map(str, codes))}\n{result}"
        return result


def interrupt(process: subprocess.Popen) -> Result:
    """Sends Ctrl-C and waits for the end."""
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=RUN_SECONDS_MAX)
    return Result(tuple(process.args[1:]), process.returncode, stdout, stderr)


def images_of(server: Server, region: str = REGION) -> dict[str, dict]:
    """Every own image by name, disabled ones too."""
    pages = server.client("ec2", region).get_paginator("describe_images")
    images = [
        image
        for page in pages.paginate(Owners=["self"], IncludeDeprecated=True, IncludeDisabled=True)
        for image in page["Images"]
    ]
    by_name = {image["Name"]: image for image in images}
    assert len(by_name) == len(images), "names are unique in the worlds of these tests"
    return by_name


def snapshots_of(server: Server, region: str = REGION) -> set[str]:
    """The ids of every own snapshot."""
    pages = server.client("ec2", region).get_paginator("describe_snapshots")
    return {snapshot["SnapshotId"] for page in pages.paginate(OwnerIds=["self"]) for snapshot in page["Snapshots"]}


def launch_permissions_of(server: Server, image_id: str, region: str = REGION) -> list[dict]:
    """The launch permissions of one image, sorted."""
    reply = server.client("ec2", region).describe_image_attribute(ImageId=image_id, Attribute="launchPermission")
    return sorted(reply["LaunchPermissions"], key=lambda permission: json.dumps(permission, sort_keys=True))


def error(code: str, message: str, status: int = 403) -> dict:
    """The kind of fault that is an error of AWS."""
    return {"error": {"code": code, "status": status, "message": message}}


DENIED = error("UnauthorizedOperation", "You are not authorized to perform this operation.")


def write_faults(path: Path, *rules: dict) -> str:
    """Writes the sandbox's fault file and returns its path; the first rule that applies to a call counts."""
    path.write_text(json.dumps({"rules": list(rules)}, indent=1))
    return str(path)
