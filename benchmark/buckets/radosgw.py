"""Two gateways of Ceph over one cluster of one process each, all of it in memory, on this machine alone.

`tcp_nodelay` is said because the gateway's own default holds back small answers: a GET and a PUT of 10 KB
take 54 ms without it and 8 ms with it.
"""

import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmark.buckets.servers import KEY, SECRET, Pair, Store

PROGRAMS = ("ceph", "ceph-mon", "ceph-mgr", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
#: bytes that the object store may take; it keeps more than twice what is written
MEMORY = 14_000_000_000
SECONDS = 90

CONF = """[global]
fsid = {fsid}
mon_host = v2:127.0.0.1:{mon}/0
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc secure
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pg_autoscale_mode = off
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 2000
mon_data_avail_crit = 1
osd_objectstore = memstore
memstore_device_bytes = {memory}
osd_crush_chooseleaf_type = 0
run_dir = {folder}
admin_socket = {folder}/$name.asok
pid_file = {folder}/$name.pid
log_file = {folder}/$name.log
mon_data = {folder}/mon
mgr_data = {folder}/mgr
osd_data = {folder}/osd
rgw_data = {folder}/rgw
rgw_enable_usage_log = false
rgw_gc_obj_min_wait = 1
rgw_gc_processor_period = 3
rgw_gc_processor_max_time = 3
rgw_log_http_headers =
debug_rgw = 0
debug_ms = 0
debug_osd = 0
"""


def missing() -> str:
    """Which programs of Ceph are not here; empty where all are."""
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    return f"no {', '.join(absent)} here" if absent else ""


@contextmanager
def running(folder: Path) -> Generator[Pair]:
    """Source and target, each behind a gateway of its own; empty, and gone at the end."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    cluster = _Cluster(folder, folder / "ceph.conf")
    mon, one, two = (_free() for _ in range(3))
    cluster.conf.write_text(CONF.format(fsid=uuid.uuid4(), mon=mon, folder=folder, memory=MEMORY))
    with ExitStack() as processes:
        cluster.start(processes, mon)
        cluster.asked(
            "radosgw-admin", "user", "create", "--uid=bench", "--display-name=bench",
            f"--access-key={KEY}", f"--secret-key={SECRET}",
        )  # fmt: skip
        for number, port in enumerate((one, two), 1):
            frontend = f"beast endpoint=127.0.0.1:{port} tcp_nodelay=1"
            cluster.daemon(
                processes, "radosgw", f"rgw{number}", "-n", f"client.rgw{number}", "--rgw-frontends", frontend
            )
        for port in (one, two):
            _answering(port)
        yield Pair("radosgw", Store(f"http://127.0.0.1:{one}"), Store(f"http://127.0.0.1:{two}"))


@dataclass(frozen=True)
class _Cluster:
    folder: Path
    conf: Path

    def start(self, processes: ExitStack, port: int) -> None:
        fsid = self.conf.read_text().split("fsid = ")[1].split()[0]
        monmap = str(self.folder / "monmap")
        self.run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", f"[v2:127.0.0.1:{port}/0]", monmap)
        for part in ("mon", "mgr", "osd", "rgw"):
            (self.folder / part).mkdir()
        self.asked("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap)
        self.daemon(processes, "ceph-mon", "mon", "-i", "a")
        self.daemon(processes, "ceph-mgr", "mgr", "-i", "x")
        disk = str(uuid.uuid4())
        self.asked("ceph", "osd", "new", disk)
        self.asked("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)
        self.daemon(processes, "ceph-osd", "osd", "-i", "0")

    def asked(self, program: str, *words: str) -> None:
        self.run(program, "-c", str(self.conf), *words)

    def run(self, *command: str) -> None:
        log = self.folder / "setup.log"
        with log.open("ab") as out:
            subprocess.run(
                command, check=True, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=SECONDS
            )

    def daemon(self, processes: ExitStack, program: str, name: str, *words: str) -> None:
        out = processes.enter_context((self.folder / f"{name}.out").open("wb"))
        command: Sequence[str] = (program, "-c", str(self.conf), "-f", *words)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        processes.callback(_ended, process)


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _answering(port: int) -> None:
    until = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
