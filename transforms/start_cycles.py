"""StartCycles: when a job that never ends polls again, decided in one place, from the lake alone."""

import dataclasses
from collections.abc import Iterator
from typing import Any, Optional, Protocol

import apache_beam as beam
from apache_beam.io.restriction_trackers import OffsetRange, OffsetRestrictionTracker
from apache_beam.io.watermark_estimators import ManualWatermarkEstimator
from apache_beam.pvalue import PCollection
from apache_beam.transforms.core import RestrictionProvider
from apache_beam.transforms.window import TimestampedValue
from apache_beam.utils.timestamp import Duration, Timestamp

from schemas.cycles import Cycle
from transforms import cycles
from transforms.registration import ROW_TYPES  # noqa: F401  # registers the rows' coders

# Between two looks at whether there is something to do, in seconds.
_LOOK_S = 0.5
_NEVER = 1 << 40  # a second that does not come


class Beat(Protocol):
    """Says when there is something to do. It is pickled and goes to the worker that asks it."""

    def look(self, last: Optional[int]) -> Optional[Cycle]:
        """The cycle to begin now, if any; ``last`` is the second at which the last one began."""


@dataclasses.dataclass
class StartCycles(beam.PTransform[beam.pvalue.PBegin, PCollection[Cycle]]):
    """Gives a Cycle, in its own window, whenever ``beat`` has one. Unbounded.

    What the runner keeps is the second of the last cycle. A cycle is given once; when the runner goes back
    to before that, ``beat`` is asked again, and the lake tells it what came of the lost one.
    """

    beat: Beat

    def expand(self, begin: beam.pvalue.PBegin) -> PCollection[Cycle]:
        return (
            begin
            | 'Start' >> beam.Create([0], reshuffle=False)
            | 'Look' >> beam.ParDo(_LookFn(self.beat)).with_output_types(Cycle)
            | 'Windows' >> beam.WindowInto(cycles.windows())
        )


class _Seconds(RestrictionProvider):
    """The seconds at which a cycle may still begin."""

    def initial_restriction(self, element: int) -> OffsetRange:
        return OffsetRange(0, _NEVER)

    def create_tracker(self, restriction: OffsetRange) -> OffsetRestrictionTracker:
        return OffsetRestrictionTracker(restriction)

    def restriction_size(self, element: int, restriction: OffsetRange) -> int:
        return 1


_SECONDS = beam.DoFn.RestrictionParam(_Seconds())
_WATERMARK = beam.DoFn.WatermarkEstimatorParam(ManualWatermarkEstimator.default_provider())


class _LookFn(beam.DoFn):
    def __init__(self, beat: Beat) -> None:
        self._beat = beat

    @beam.DoFn.unbounded_per_element()  # type: ignore[untyped-decorator]
    def process(
        self,
        element: int,
        seconds: Any = _SECONDS,
        watermark: Any = _WATERMARK,
    ) -> Iterator[Any]:
        first = seconds.current_restriction().start
        cycle = self._beat.look(first - 1 if first else None)
        if cycle is not None and seconds.try_claim(cycle.second):
            yield TimestampedValue(cycle, cycle.second)
            # Nothing more comes of that second: its window ends when all of its rows are through.
            watermark.set_watermark(Timestamp(cycle.second + 1))
        seconds.defer_remainder(Duration(_LOOK_S))
