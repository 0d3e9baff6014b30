"""Which country a domain speaks for, by its last label."""

from typing import Optional

# Country domains that are sold to everybody: they say nothing of where an outlet is.
_SOLD_DOMAINS = 'ac ag ai am bz cc cd co eu fm ga gg gl io la li ly me ml nu pw sc sh so st tk to tv vc ws'
_SOLD = frozenset(_SOLD_DOMAINS.split())
_RENAMED = {'uk': 'GB'}


def country_of_domain(domain: str) -> Optional[str]:
    """The country (ISO 3166-1 alpha-2) whose top-level domain it is, unless that is sold to everybody.

    >>> country_of_domain('example.co.za'), country_of_domain('example.uk'), country_of_domain('a.io')
    ('ZA', 'GB', None)
    """
    top = domain.rpartition('.')[2]
    if len(top) != 2 or not (top.isascii() and top.isalpha()) or top in _SOLD:
        return None
    return _RENAMED.get(top, top.upper())
