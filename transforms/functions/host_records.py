"""Where what processes tell of a run is kept while it is at work: one small file per process.

It holds the reports on hosts, and in a job that never ends the CPU time of each stage of the analysis, which
runners keep for the job and not for its cycles.

``_runs/<run_id>/<process>.hosts`` is replaced at the end of each bundle, so that it also tells what a run did
that was killed; the run's record takes them all in and they go.
"""

import collections
import json
from collections.abc import Iterator, Mapping

from transforms.functions.lake import Lake
from transforms.functions.web.host_reports import HostTally, as_row, of_row

_SUFFIX = '.hosts'  # not .json: what ends so in _runs stands for a run that is complete


def write_part(lake: Lake, run_id: str, process: str, tally: HostTally, stages_us: Mapping[str, int]) -> None:
    """Makes or replaces what one process has done to the hosts in this run, and its CPU time by stage
    (microseconds). Raises NotWritable."""
    rows = ',\n'.join(json.dumps(as_row(report)) for report in tally)
    stages = json.dumps(dict(sorted(stages_us.items())))
    text = f'{{"run_id": {json.dumps(run_id)}, "stages_us": {stages}, "hosts": [\n{rows}\n]}}\n'
    lake.storage.write_small(f'{_folder(lake, run_id)}/{process}{_SUFFIX}', text.encode())


def read_parts(lake: Lake, run_id: str) -> HostTally:
    """What all processes of the run have done to the hosts, as far as they have told."""
    tally = HostTally()
    for data in _parts(lake, run_id):
        tally.add(of_row(row) for row in json.loads(data)['hosts'])
    return tally


def read_stages(lake: Lake, run_id: str) -> dict[str, int]:
    """CPU time by stage of all processes of the run, in microseconds, as far as they have told."""
    sums: collections.Counter[str] = collections.Counter()
    for data in _parts(lake, run_id):
        sums.update(json.loads(data).get('stages_us', {}))
    return dict(sums)


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
