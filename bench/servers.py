"""A server for each application, started as `make run` starts it, and how much memory it holds."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.client import HOST, Browser

CHECKOUT = Path(__file__).resolve().parents[1]
#: Those of the Makefile.
WORKERS, THREADS = 2, 4
_PATIENCE = 30.0


@dataclass(slots=True)
class Server:
    """A running server with its workers, in a process group of its own."""

    port: int
    process: subprocess.Popen[bytes]
    seconds_to_first_page: float

    def memory(self) -> float:
        """Proportional set size of parent and workers, in MB."""
        total = 0
        for process in _family(self.process.pid):
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
            total += int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1])
        return total / 1024

    def stop(self) -> None:
        """End parent and workers."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def start(application: str, first_page: str, environment: dict[str, str], log: Path) -> Server:
    """Serve reviewflow or one of `bench.applications`, and wait until `first_page` is answered with 200."""
    port = _free_port()
    if application == "reviewflow":
        command = ["reviewflow", "serve", "--threads", str(THREADS)]
    else:
        command = ["granian", "--interface", "wsgi", "--blocking-threads", str(THREADS), "--no-ws"]
        command += ["--log-level", "error", "--factory", f"bench.applications:{application}"]
    command[0] = str(Path(sys.executable).parent / command[0])
    command += ["--host", HOST, "--port", str(port), "--workers", str(WORKERS)]
    return _run(command, first_page, environment, log, port, application)


#: What nginx needs to serve a folder with as many processes as the others.
_NGINX = """daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
worker_processes {workers};
events {{ worker_connections 64; }}
http {{
  access_log off;
  sendfile on;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  types {{ text/html html; application/atom+xml atom; }}
  server {{ listen {host}:{port}; root {root}; index index.html; keepalive_requests 1000000; }}
}}
"""


def serve_files(program: str, root: Path, first_page: str, folder: Path) -> Server:
    """Serve a folder of files by nginx, and wait until `first_page` is answered with 200."""
    port = _free_port()
    settings = folder / "nginx.conf"
    settings.write_text(_NGINX.format(folder=folder, workers=WORKERS, host=HOST, port=port, root=root))
    # The files are in a folder of their owner alone, so nginx must not become somebody else.
    command = [
        program,
        "-c",
        str(settings),
        "-p",
        str(folder),
        "-g",
        "user root;" if os.getuid() == 0 else "",
    ]
    return _run(command, first_page, {}, folder / "nginx.log", port, "nginx")


def _run(
    command: list[str], first_page: str, environment: dict[str, str], log: Path, port: int, name: str
) -> Server:
    began = time.perf_counter()
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            # An installation has its byte code on disk, whatever this machine says of writing it.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    while time.perf_counter() - began < _PATIENCE:
        if process.poll() is not None:
            break
        try:
            status = Browser(port).ask("GET", first_page).status
        except OSError:
            time.sleep(0.005)
            continue
        if status == 200:
            return Server(port, process, time.perf_counter() - began)
        break
    os.killpg(process.pid, signal.SIGKILL)
    raise RuntimeError(f"{name} did not start:\n{log.read_text()[-3000:]}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        port: int = found.getsockname()[1]
        return port


def _family(parent: int) -> list[int]:
    """A process and all below it."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [parent, *(process for child in children for process in _family(int(child)))]
