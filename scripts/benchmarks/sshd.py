"""A real sshd on loopback that looks like another host. As root, on Linux.

In: nothing. Out: the name of a host that ``ssh`` reaches while the context lives. It has its own host name,
and its own /dev/shm.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOST = "far"

_SERVER = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/hostkey
AuthorizedKeysFile {folder}/key.pub
StrictModes no
UsePAM no
PidFile none
PermitRootLogin yes
AllowTcpForwarding no
"""

_CLIENT = """\
Host {host}
  HostName 127.0.0.1
  Port {port}
  IdentityFile {folder}/key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known
  StrictHostKeyChecking accept-new
  LogLevel ERROR
"""

_NAMESPACES = "hostname node7; mount -t tmpfs tmpfs /dev/shm; exec /usr/sbin/sshd -D -f {folder}/server"


@contextmanager
def sshd() -> Iterator[str]:
    """Make ``ssh far`` lead to our own sshd.

    Raises
    ------
    RuntimeError
        If this machine cannot run one.
    """
    if os.geteuid() != 0 or not Path("/usr/sbin/sshd").exists() or shutil.which("unshare") is None:
        raise RuntimeError("a test sshd needs root, openssh-server and unshare: scripts/system --tests")
    folder = Path(tempfile.mkdtemp(prefix="asyncplot-sshd-"))
    path = os.environ["PATH"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for key in ("hostkey", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
    (folder / "server").write_text(_SERVER.format(port=port, folder=folder))
    (folder / "client").write_text(_CLIENT.format(port=port, folder=folder, host=HOST))
    (folder / "ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {folder}/client "$@"\n')
    (folder / "ssh").chmod(0o700)
    Path("/run/sshd").mkdir(exist_ok=True)
    server = subprocess.Popen(["unshare", "-mu", "sh", "-c", _NAMESPACES.format(folder=folder)])
    os.environ["PATH"] = f"{folder}:{path}"
    try:
        _wait_for(port, server)
        yield HOST
    finally:
        os.environ["PATH"] = path
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + 10.0
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise RuntimeError("the test sshd did not come up")
