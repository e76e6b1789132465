"""A whole Slurm on loopback for the time of a test: munge, slurmctld and some slurmd on this one machine.

Without accounting: what needs a database starts one itself. Everything lies in one folder; only what was started here is
ended, by process id.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import time

from lib import free_port, need

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
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_min_interval=100000,batch_sched_delay=1
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=n[1-{nodes}] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[{first}-{last}] CPUs=8 RealMemory=8000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "sinfo", "scontrol"]


def find(program):
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")


def node_ports(count):
    """The first of `count` ports that follow each other and are free, as far as one can tell."""
    return 20_000 + (free_port() % 20_000) // count * count


class Slurm:
    def __init__(self, folder, nodes=4):
        self.dir, self.nodes = pathlib.Path(folder).resolve(), nodes
        for program in PROGRAMS:
            need(f"Slurm's {program}", find(program))
        need("root, which Slurm's daemons here run as,", os.geteuid() == 0)
        self.env = os.environ | {"SLURM_CONF": str(self.dir / "slurm.conf")}
        self.started = []

    def run(self, *command, check=True):
        return subprocess.run(
            [find(command[0]) or command[0], *map(str, command[1:])], env=self.env, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=120, check=check,
        ).stdout

    def spawn(self, *command, **options):
        with open(self.dir / f"{command[0]}.out", "ab") as log:
            process = subprocess.Popen(
                [find(command[0]), *map(str, command[1:])], env=self.env, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True, **options,
            )
        self.started.append(process)
        return process

    def start(self):
        for name in ["state", "spool", "munge"]:
            (self.dir / name).mkdir(parents=True, exist_ok=True)
        self.dir.chmod(0o755)
        first = node_ports(self.nodes)
        conf = CONF.format(
            dir=self.dir, nodes=self.nodes, ctld_port=free_port(), first=first, last=first + self.nodes - 1
        )
        (self.dir / "slurm.conf").write_text(conf)
        (self.dir / "cgroup.conf").write_text("CgroupAutomount=no\n")
        key = self.dir / "munge" / "key"
        key.write_bytes(os.urandom(64))
        key.chmod(0o600)
        (self.dir / "munge").chmod(0o755)
        self.spawn(
            "munged", "--foreground", "--force", f"--key-file={key}", f"--socket={self.dir}/munge/socket",
            f"--pid-file={self.dir}/munge/pid", f"--log-file={self.dir}/munge/log", f"--seed-file={self.dir}/munge/seed",
        )
        self.until("munge's socket", lambda: (self.dir / "munge" / "socket").exists())
        self.spawn("slurmctld", "-D", "-c")
        for node in range(1, self.nodes + 1):
            (self.dir / "spool" / f"n{node}").mkdir(exist_ok=True)
            self.spawn("slurmd", "-D", "-N", f"n{node}")
        idle = lambda: self.run("sinfo", "-h", "-t", "idle", "-o", "%D", check=False).strip() == str(self.nodes)
        self.until("idle nodes", idle)
        return self

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
        for process in reversed(self.started):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __exit__(self, *_):
        self.stop()
