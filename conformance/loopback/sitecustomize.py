"""On the path of a Python process, this keeps it on this machine: any connection or name look-up beyond loopback fails.

Python imports a module of this name before anything else, and an audit hook cannot be taken off again.
"""

import ipaddress
import sys

REFUSED = "refused by the conformance tests: this would leave the machine"


def is_local(host) -> bool:
    """Whether this address is loopback; a Unix socket is."""
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def hook(event: str, arguments: tuple):
    """Looks at what the process is about to do."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if not is_local(host):
        print(f"{REFUSED}: {event} {host!r}", file=sys.stderr)
        raise OSError(f"{REFUSED}: {host!r}")


sys.addaudithook(hook)
