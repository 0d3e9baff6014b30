"""Parts of clusters, from package registries only, each fetched once into a folder."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Optional


def missing_programs() -> Optional[str]:
    """What has to be installed first, as a sentence; None when all is there."""
    missing = [name for name in ('java', 'mvn') if shutil.which(name) is None]
    return f'not found: {", ".join(missing)} (Java 11 or 17, and Maven)' if missing else None


def fetch_jars(pom: Path, target: Path) -> None:
    """What a pom needs to run, as jars in a folder. Raises CalledProcessError when that fails."""
    once(
        target,
        ['mvn', '-q', '-B', '-f', str(pom), 'dependency:copy-dependencies'],
        ['-DoutputDirectory={}'],
    )


def once(target: Path, command: list[str], last: list[str]) -> None:
    """Runs what fills a folder, unless it is there; it has its name only when it is whole."""
    if target.is_dir():
        return
    partial = target.with_name(f'{target.name}.{os.getpid()}.partial').absolute()
    partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        subprocess.run([*command, *(word.format(partial) for word in last)], check=True)
        if not target.is_dir():
            partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
