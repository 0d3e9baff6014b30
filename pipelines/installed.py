"""What is installed beside Dateline, compared with what its ``setup.py`` asks for."""

import dataclasses
import importlib.metadata
from typing import Optional

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet


@dataclasses.dataclass(frozen=True)
class Installed:
    """How many packages were looked at, what is wrong with them, and what pip would have to be asked for."""

    count: int
    faults: tuple[str, ...]
    wanted: tuple[str, ...]


def python_fault(version: str) -> Optional[str]:
    """What is wrong with a version of Python, or None.

    Raises PackageNotFoundError when Dateline itself is not installed.
    """
    asked = importlib.metadata.metadata('dateline')['Requires-Python']
    if SpecifierSet(asked).contains(version):
        return None
    return f'Python {version} is not {asked}, which Dateline was tested with'


def read_installed() -> Installed:
    """The packages that Dateline needs, by the requirements that it was installed with; extras are left out.

    Raises PackageNotFoundError when Dateline itself is not installed.
    """
    faults, wanted, count = [], [], 0
    for text in importlib.metadata.requires('dateline') or ():
        requirement = Requirement(text)
        if requirement.marker is not None and not requirement.marker.evaluate({'extra': ''}):
            continue
        count += 1
        asked = f'{requirement.name}{requirement.specifier}'
        try:
            there = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            faults.append(f'{requirement.name} is missing')
            wanted.append(asked)
            continue
        if not requirement.specifier.contains(there, prereleases=True):
            faults.append(f'{requirement.name} is {there}, not {requirement.specifier}')
            wanted.append(asked)
    return Installed(count, tuple(faults), tuple(wanted))
