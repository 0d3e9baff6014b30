"""Where the reports on hosts are kept while a run is at work: one small file per process.

``_runs/<run_id>/<process>.hosts`` is replaced at the end of each bundle, so that it also tells what a run did
that was killed; the run's record takes them all in and they go.
"""

import json
from collections.abc import Iterator

from transforms.functions.lake import Lake
from transforms.functions.web.host_reports import HostTally, as_row, of_row

_SUFFIX = '.hosts'  # not .json: what ends so in _runs stands for a run that is complete


def write_part(lake: Lake, run_id: str, process: str, tally: HostTally) -> None:
    """Makes or replaces what one process has done to the hosts in this run. Raises NotWritable."""
    rows = ',\n'.join(json.dumps(as_row(report)) for report in tally)
    text = f'{{"run_id": {json.dumps(run_id)}, "hosts": [\n{rows}\n]}}\n'
    lake.storage.write_small(f'{_folder(lake, run_id)}/{process}{_SUFFIX}', text.encode())


def read_parts(lake: Lake, run_id: str) -> HostTally:
    """What all processes of the run have done to the hosts, as far as they have told."""
    tally = HostTally()
    for data in _parts(lake, run_id):
        tally.add(of_row(row) for row in json.loads(data)['hosts'])
    return tally


def drop_parts(lake: Lake, run_id: str) -> None:
    """Removes the run's parts, once its record has them."""
    lake.storage.delete_folder(_folder(lake, run_id))


def _parts(lake: Lake, run_id: str) -> Iterator[bytes]:
    for path in lake.storage.list_files(_folder(lake, run_id)):
        data = lake.storage.read_small(path) if path.endswith(_SUFFIX) else None
        if data is not None:
            yield data


def _folder(lake: Lake, run_id: str) -> str:
    return f'{lake.root}/_runs/{run_id}'
