"""What a command costs with all its child processes: wall and CPU seconds, memory at its peak."""

import dataclasses
import os
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

import psutil  # type: ignore[import-untyped]

SAMPLE_S = 0.2  # between two looks at the memory, at least
# A look at the memory of four processes takes 27 ms, and those wait that want more memory meanwhile: every
# fifth of a second it cost a pipeline on two cores a twelfth of its speed. So much of the time is for looks.
_LOOKING = 0.02


def until_next_look(took_s: float) -> float:
    """Seconds to wait after a look that took so long."""
    return max(SAMPLE_S, took_s / _LOOKING)


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a command cost."""

    returncode: int
    stdout: str
    stderr: str
    wall_s: float
    cpu_s: float  # user and system, of the command and all its descendants
    peak_rss: int  # bytes, summed over the processes alive at one moment: shared pages count in each
    peak_pss: Optional[int]  # bytes, shared pages divided among those who share them; Linux only
    processes: int  # most at one moment


def measure(
    command: Sequence[str],
    logs: Path,
    environment: Optional[Mapping[str, str]] = None,
    memory: bool = True,
) -> Cost:
    """Runs a command to its end and says what it cost.

    Its output goes to files in ``logs``, so that reading it costs the command no waiting. The kernel counts
    the CPU time of children that were waited for, so one command is to be measured at a time; of those that
    the command left behind what was seen last counts, which may miss the last second or two of each.
    Without ``memory`` that is not looked at: for figures of speed.
    """
    before = _children_cpu()
    start = time.perf_counter()
    peaks = _Peaks(memory)
    with open(logs / 'stdout', 'w+') as stdout, open(logs / 'stderr', 'w+') as stderr:
        with subprocess.Popen(command, stdout=stdout, stderr=stderr, env=environment) as child:
            try:
                process = psutil.Process(child.pid)
                wait_s = SAMPLE_S
                while not _ended_within(child, wait_s):
                    began = time.perf_counter()
                    peaks.look(process)
                    wait_s = until_next_look(time.perf_counter() - began)
            except BaseException:
                child.terminate()
                raise
        wall = time.perf_counter() - start
        stdout.seek(0)
        stderr.seek(0)
        return Cost(
            returncode=child.returncode,
            stdout=stdout.read(),
            stderr=stderr.read(),
            wall_s=wall,
            cpu_s=max(_children_cpu() - before, peaks.cpu_s),
            peak_rss=peaks.rss,
            peak_pss=peaks.pss,
            processes=peaks.processes,
        )


class _Peaks:
    """The most that was seen of each figure."""

    def __init__(self, memory: bool) -> None:
        self._memory = memory
        self.rss = 0
        self.pss: Optional[int] = None
        self.processes = 0
        self._cpu_s: dict[tuple[int, float], float] = {}  # by pid and start, since pids are used again

    @property
    def cpu_s(self) -> float:
        return sum(self._cpu_s.values())

    def look(self, process: psutil.Process) -> None:
        try:
            family = [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return  # it ended between two looks
        rss, pss, alive = 0, 0, 0
        for member in family:
            try:
                if self._memory:
                    rss += member.memory_info().rss
                    pss += _pss(member.pid)
                times = member.cpu_times()
                self._cpu_s[member.pid, member.create_time()] = times.user + times.system
            except (psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
                continue  # a child that ended meanwhile holds no memory
            alive += 1
        self.rss = max(self.rss, rss)
        self.processes = max(self.processes, alive)
        if pss:
            self.pss = max(self.pss or 0, pss)


def _pss(pid: int) -> int:
    # One line of smaps_rollup; psutil's memory_full_info reads all of smaps, which is 20 times slower.
    if not os.path.exists('/proc/self/smaps_rollup'):
        return 0
    with open(f'/proc/{pid}/smaps_rollup') as file:
        for line in file:
            if line.startswith('Pss:'):
                return int(line.split()[1]) * 1024
    return 0


def _ended_within(child: 'subprocess.Popen[bytes]', seconds: float) -> bool:
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
