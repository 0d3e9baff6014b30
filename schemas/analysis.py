"""What the analysis of a page gives. It travels between processes as a pickle and never through Beam."""

import dataclasses
from typing import Optional

from schemas.articles import Article
from schemas.pages import Rejection


@dataclasses.dataclass(frozen=True)
class Analysis:
    """What became of a page, and the CPU time that each stage took. Either article or rejection is set."""

    article: Optional[Article]
    rejection: Optional[Rejection]
    stages_us: tuple[tuple[str, int], ...]  # (stage, microseconds of CPU)
    removed: tuple[tuple[str, str], ...] = ()  # (rule, line) that cleaning took out; only where asked for
