"""A whole Slurm on loopback for the time of a test: munge, slurmctld and some slurmd on this one machine.

On demand with devices (empty files in their place), with accounts (MariaDB and slurmdbd) and with the HTTP service
(slurmrestd, by token and on a socket). Everything lies in one folder; only what was started here is ended, by process id.

    python slurm.py COMMAND...                  starts all of it, runs COMMAND with MOSU_TEST_SLURM set to the folder
    python slurm.py --no-accounting COMMAND...  without a database
"""

import contextlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from lib import call, free_port, need

CONF = """ClusterName=e2e
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort={ctld_port}
AuthType=auth/munge
AuthInfo=socket={dir}/munge/socket
CryptoType=crypto/munge
StateSaveLocation={dir}/state
SlurmdSpoolDir={dir}/spool/%n
SlurmctldPidFile={dir}/slurmctld.pid
SlurmdPidFile={dir}/slurmd-%n.pid
SlurmctldLogFile={dir}/slurmctld.log
SlurmdLogFile={dir}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_min_interval=100000,batch_sched_delay=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
SlurmdParameters=config_overrides
{more}
NodeName=n[1-{nodes}] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[{first}-{last}] CPUs=8 RealMemory=8000 {gres} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=off
PartitionName=spot Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=requeue
"""

# The "password" is where munge's socket lies, for whoever speaks to the accounts. Without "safe" a job may start although its limit of minutes can't last to its end.
ACCOUNTING_CONF = """AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=localhost
AccountingStoragePort={port}
AccountingStoragePass={dir}/munge/socket
AccountingStorageTRES=gres/gpu
AccountingStorageEnforce=associations,limits,qos,safe"""

DBD_CONF = """AuthType=auth/munge
AuthInfo=socket={dir}/munge/socket
{jwt}
DbdHost=localhost
DbdPort={port}
SlurmUser=root
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={database_port}
StorageUser=slurm
StoragePass={password}
StorageLoc=slurm
LogFile={dir}/slurmdbd.log
PidFile={dir}/slurmdbd.pid
"""

PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "sinfo", "scontrol"]


def find(program):
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")


def node_ports(count):
    """The first of `count` ports that follow each other and are free, as far as one can tell."""
    return 20_000 + (free_port() % 20_000) // count * count


def command_line(pid):
    """What a process was started with; empty once it has ended, also when nobody has noticed yet."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


class Slurm:
    """`nodes` nodes n1, n2, …, of 8 processors and `gpus` devices each.

    With `rest`: `url` and `token` (also in the file `token`), and `socket`, where no token is needed. `env` is what
    Slurm's commands need; `access.json` in the folder says all this to tests in Rust.
    """

    def __init__(self, folder, nodes=4, gpus=0, accounting=False, rest=False, conf=""):
        self.dir, self.nodes, self.gpus = pathlib.Path(folder).resolve(), nodes, gpus
        self.accounting, self.rest, self.conf = accounting, rest, conf
        programs = PROGRAMS + ["slurmdbd", "sacctmgr", "mariadbd"] * accounting + ["slurmrestd"] * rest
        for program in programs:
            need(f"Slurm's {program}", find(program))
        need("root, which Slurm's daemons here run as,", os.geteuid() == 0)
        self.env = os.environ | {"SLURM_CONF": str(self.dir / "slurm.conf")}
        self.started, self.controller = [], None
        self.socket = self.dir / "rest.socket"

    def run(self, *command, check=True):
        return subprocess.run(
            [find(command[0]) or command[0], *map(str, command[1:])], env=self.env, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=120, check=check,
        ).stdout

    def spawn(self, *command, env=None):
        with open(self.dir / f"{command[0]}.out", "ab") as log:
            process = subprocess.Popen(
                [find(command[0]), *map(str, command[1:])], env=env or self.env, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )
        self.started.append(process)
        return process

    def start(self):
        for name in ["state", "spool", "munge"]:
            (self.dir / name).mkdir(parents=True, exist_ok=True)
        self.dir.chmod(0o755)
        self.configure()
        self.start_munge()
        if self.accounting:
            self.start_accounting()
        self.start_controller("-c")
        for node in range(1, self.nodes + 1):
            (self.dir / "spool" / f"n{node}").mkdir(exist_ok=True)
            self.spawn("slurmd", "-D", "-N", f"n{node}")
        self.until("idle nodes", self.is_idle)
        if self.accounting and self.gpus:
            self.until("devices in the accounts", lambda: "gres" in self.run("sacctmgr", "-n", "show", "tres"))
        if self.rest:
            self.start_rest()
        self.write_access()
        return self

    def configure(self):
        jwt, more, gres = "", ["AccountingStorageType=accounting_storage/none"], ""
        if self.rest:
            key = self.dir / "jwt.key"
            key.write_bytes(os.urandom(32))
            key.chmod(0o600)
            jwt = f"AuthAltTypes=auth/jwt\nAuthAltParameters=jwt_key={key}"
        if self.accounting:
            self.database_port, dbd_port, self.password = free_port(), free_port(), secrets.token_hex(16)
            more = [ACCOUNTING_CONF.format(dir=self.dir, port=dbd_port)]
            dbd = self.dir / "slurmdbd.conf"
            dbd.touch(0o600)
            dbd.write_text(DBD_CONF.format(
                dir=self.dir, jwt=jwt, port=dbd_port, database_port=self.database_port, password=self.password
            ))
        if self.gpus:
            more.append("GresTypes=gpu")
            gres = f"Gres=gpu:a100:{self.gpus}"
            self.make_devices()
        first = node_ports(self.nodes)
        (self.dir / "slurm.conf").write_text(CONF.format(
            dir=self.dir, nodes=self.nodes, ctld_port=free_port(), first=first, last=first + self.nodes - 1, gres=gres,
            more="\n".join([jwt, *more, self.conf]),
        ))
        (self.dir / "cgroup.conf").write_text("CgroupAutomount=no\n")

    def make_devices(self):
        """Files in place of devices: a bare count would leave the nodes invalid."""
        devices = self.dir / "devices"
        devices.mkdir()
        for device in range(self.gpus):
            (devices / f"gpu{device}").touch()
        files = f"{devices}/gpu[0-{self.gpus - 1}]"
        line = f"NodeName=n[1-{self.nodes}] Name=gpu Type=a100 File={files} Flags=nvidia_gpu_env\n"
        (self.dir / "gres.conf").write_text(line)

    def start_munge(self):
        key = self.dir / "munge" / "key"
        key.write_bytes(os.urandom(64))
        key.chmod(0o600)
        (self.dir / "munge").chmod(0o755)
        self.spawn(
            "munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.dir}/munge/socket",
            f"--pid-file={self.dir}/munge/pid", f"--log-file={self.dir}/munge/log", f"--seed-file={self.dir}/munge/seed",
        )
        self.until("munge's socket", lambda: (self.dir / "munge" / "socket").exists())

    def start_accounting(self):
        data, socket = self.dir / "database", self.dir / "database.socket"
        options = ["--no-defaults", "--user=root", f"--datadir={data}"]
        self.run("mariadb-install-db", *options, "--auth-root-authentication-method=normal", "--skip-test-db")
        self.spawn(
            "mariadbd", *options, f"--socket={socket}", "--bind-address=127.0.0.1", f"--port={self.database_port}",
            f"--pid-file={self.dir}/database.pid", "--innodb-buffer-pool-size=64M",
        )
        sql = lambda text: self.run("mariadb", "--no-defaults", "-S", socket, "-uroot", "-e", text, check=False)
        self.until("database", lambda: "1" in sql("select 1"))
        user = f"slurm@'127.0.0.1' identified by '{self.password}'"
        sql(f"create database slurm; create user {user}; grant all on slurm.* to slurm@'127.0.0.1'")
        self.spawn("slurmdbd", "-D")
        manage = lambda *words: self.run("sacctmgr", "-i", *words, check=False)
        self.until("accounts", lambda: "root" in manage("-n", "show", "user"))
        manage("add", "cluster", "e2e")
        manage("add", "account", "community", "cluster=e2e")
        manage("add", "user", "root", "account=community", "cluster=e2e")

    def start_controller(self, *options):
        """Starts the controller, after `kill_controller` with what it had saved."""
        self.controller = self.spawn("slurmctld", "-D", *options)

    def kill_controller(self):
        """As if its machine had lost power."""
        self.controller.kill()
        self.controller.wait()

    def resume(self):
        """Opens nodes again that were closed."""
        self.run("scontrol", "update", f"NodeName=n[1-{self.nodes}]", "State=RESUME", check=False)
        self.until("idle nodes", self.is_idle)

    def start_rest(self):
        """Two of them: one that is shown tokens can't also serve callers that its socket knows."""
        self.url = f"http://127.0.0.1:{free_port()}"
        # Those of the accounts don't start without any.
        rooms = ["v", "dbv"] if self.accounting else ["v"]
        plugins = ",".join(f"openapi/{room}0.0.{n}" for room in rooms for n in (37, 38))
        # Both run as root here, which slurmrestd only does when told.
        env = self.env | {"SLURMRESTD_SECURITY": "disable_user_check"}
        address = self.url.removeprefix("http://")
        self.spawn("slurmrestd", "-s", plugins, "-a", "rest_auth/jwt", address, env=env | {"SLURM_JWT": "daemon"})
        self.spawn("slurmrestd", "-s", plugins, "-a", "rest_auth/local", f"unix:{self.socket}", env=env)
        self.token = self.run("scontrol", "token", "lifespan=36000", "username=root").strip().split("=", 1)[1]
        file = self.dir / "token"
        file.touch(0o600)
        file.write_text(self.token)
        self.until("slurmrestd", lambda: self.socket.exists() and self.answers())

    def answers(self):
        """Whether slurmrestd answers anything at all to somebody without a token."""
        try:
            return call(f"{self.url}/openapi/v3", timeout=5).status
        except OSError:
            return None

    def write_access(self):
        access = {"conf": str(self.dir / "slurm.conf"), "accounting": self.accounting, "gpus": self.gpus}
        if self.rest:
            access |= {"url": self.url, "socket": str(self.socket), "user": "root", "token": str(self.dir / "token")}
        (self.dir / "access.json").write_text(json.dumps(access))

    def is_idle(self):
        # One that doesn't answer yet is "idle*".
        told = self.run("sinfo", "-h", "-p", "main", "-t", "idle", "-o", "%D %t", check=False)
        return told.splitlines() == [f"{self.nodes} idle"]

    def until(self, what, is_true, seconds=60):
        deadline = time.monotonic() + seconds
        while not is_true():
            if time.monotonic() > deadline:
                logs = "\n".join(path.read_text(errors="replace")[-800:] for path in self.dir.glob("*.log"))
                raise AssertionError(f"no {what} after {seconds} s\n{logs}")
            time.sleep(0.1)

    def wait_empty(self, seconds=180):
        """Waits until no job is left."""
        self.until("empty queue", lambda: not self.run("squeue", "-h").strip(), seconds)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def stop(self):
        if self.controller and self.run("scontrol", "ping", check=False).count(" is UP"):
            # What runs would outlive the daemons.
            self.run("scancel", "--user=root", check=False)
            with contextlib.suppress(AssertionError):
                self.wait_empty(10)
        self.stop_successor()
        for process in reversed(self.started):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.stop_jobs()

    def stop_successor(self):
        """Ends a controller that a test started in the place of ours."""
        try:
            pid = int((self.dir / "slurmctld.pid").read_text())
            is_controller = "slurmctld" in pathlib.Path(f"/proc/{pid}/comm").read_text()
        except (OSError, ValueError):
            return
        if is_controller and all(pid != process.pid for process in self.started):
            os.kill(pid, signal.SIGTERM)
            self.until("end of the controller", lambda: not command_line(pid), 20)

    def stop_jobs(self):
        """Ends what jobs of a Slurm that was cut off left running: processes that carry our configuration's path."""
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "environ").read_bytes().split(b"\0")
                is_step = (entry / "comm").read_text().startswith("slurmstepd")
            except OSError:
                continue
            is_job = is_step or any(word.startswith(b"SLURM_JOB_ID=") for word in words)
            if is_job and f"SLURM_CONF={self.env['SLURM_CONF']}".encode() in words:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(entry.name), signal.SIGKILL)

    def __exit__(self, *_):
        self.stop()


def main():
    """Runs a command beside a Slurm with everything."""
    words = sys.argv[1:]
    accounting = words[:1] != ["--no-accounting"]
    with tempfile.TemporaryDirectory() as folder, Slurm(folder, gpus=4, accounting=accounting, rest=True) as slurm:
        environment = slurm.env | {"MOSU_TEST_SLURM": str(slurm.dir)}
        done = subprocess.run(words if accounting else words[1:], env=environment, check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
