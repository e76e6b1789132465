"""A private PostgreSQL on loopback, never as root, gone at the end."""

import glob
import os
import pathlib
import shutil
import subprocess
import tempfile

from lib import free_port, need

USER = "nobody"


def binaries():
    debian = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    found = shutil.which("initdb")
    return pathlib.Path(debian[-1]) if debian else found and pathlib.Path(found).parent


class Postgres:
    def __enter__(self):
        self.bin = need("PostgreSQL", binaries())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mosu-e2e-pg-"))
        self.port = free_port()
        if os.geteuid() == 0:
            shutil.chown(self.folder, USER)
        self.run("initdb", "-D", self.folder / "data", "-A", "trust", "-U", "mosu", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder}"
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", options, "start")
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "-D", self.folder / "data", "-m", "fast", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, program, *arguments):
        as_user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
        command = [*as_user, str(self.bin / program), *map(str, arguments)]
        # A pipe would stay open in the server that pg_ctl leaves behind.
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, cwd="/", timeout=120)

    def database(self, name):
        """A fresh database; returns its URL."""
        url = f"postgres://mosu@127.0.0.1:{self.port}"
        self.run("psql", "-q", "-X", f"{url}/postgres", "-c", f"CREATE DATABASE {name}")
        return f"{url}/{name}"
