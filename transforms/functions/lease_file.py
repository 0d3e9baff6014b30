"""The file of a lake's lease: who holds it, and whether that process still lives."""

import dataclasses
import json
import os
import secrets
import socket
import time
from typing import Any, Optional

from transforms.functions.storage import Storage


@dataclasses.dataclass(frozen=True)
class LeaseRecord:
    """What the file says: a process of a machine, and a count that it raises while it works."""

    token: str
    count: int
    machine: str
    pid: int
    started: str
    host: str
    purpose: str
    at: str  # for people

    def sentence(self) -> str:
        """Who holds the lease, for people."""
        return f'process {self.pid} of {self.host} has held it for {self.purpose} since {self.at}'


def read_record(storage: Storage, path: str) -> Optional[LeaseRecord]:
    """What the file says; None when nobody holds the lease."""
    data = storage.read_small(path)
    if not data:
        return None
    try:
        fields: dict[str, Any] = json.loads(data)
        return LeaseRecord(**fields)
    except (ValueError, TypeError):
        return None  # written by nothing that holds a lease: files are replaced whole


def write_record(storage: Storage, path: str, record: LeaseRecord) -> None:
    """Makes or replaces the file."""
    storage.write_small(path, json.dumps(dataclasses.asdict(record)).encode())


def is_dead(record: LeaseRecord) -> bool:
    """Whether the holder was a process of this machine that is gone."""
    return record.machine == _machine() and _started(record.pid) != (record.started or None)


def _machine() -> str:
    """What tells machines, their boots and their containers apart; a pid means something only within one."""
    try:
        with open('/proc/sys/kernel/random/boot_id') as file:
            boot = file.read().strip()
        return f'{boot}/{os.readlink("/proc/self/ns/pid")}'
    except OSError:  # no Linux
        return socket.gethostname()


def _started(pid: int) -> Optional[str]:
    """When a process started, in the kernel's terms; None when there is none. Pids are used again."""
    try:
        with open(f'/proc/{pid}/stat', 'rb') as file:
            return file.read().rpartition(b')')[2].split()[19].decode()
    except FileNotFoundError:
        if os.path.isdir('/proc/self'):
            return None
    try:  # no Linux
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return 'alive'


def record_of_this_process(purpose: str) -> LeaseRecord:
    """A record of its own for each time that the lease is taken."""
    return LeaseRecord(
        secrets.token_hex(8), 0, _machine(), os.getpid(), _started(os.getpid()) or '',
        socket.gethostname(), purpose, time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
    )  # fmt: skip
