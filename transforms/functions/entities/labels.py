"""The closed set of entity labels, and how other models' names for them map onto it."""

from typing import Optional

PERSON, ORG, GPE, LOC, FAC, NORP = 'PERSON', 'ORG', 'GPE', 'LOC', 'FAC', 'NORP'
EVENT, PRODUCT, WORK_OF_ART, LAW, LANGUAGE = 'EVENT', 'PRODUCT', 'WORK_OF_ART', 'LAW', 'LANGUAGE'

LABELS = frozenset({PERSON, ORG, GPE, LOC, FAC, NORP, EVENT, PRODUCT, WORK_OF_ART, LAW, LANGUAGE})

# Labels that spaCy's published models use besides those (each model's meta.json lists its own). Not named
# here and so not tagged: numbers, amounts and times (DATE, TIME, PERCENT, MONEY, QUANTITY, ORDINAL, CARDINAL
# and their like), and MISC, which names no kind of thing.
_FOREIGN = {
    # de, es, fr, it, nl, pt, ru, uk, ...
    'PER': PERSON,
    # Polish
    'persName': PERSON, 'placeName': GPE, 'geogName': LOC, 'orgName': ORG,
    # Swedish
    'PRS': PERSON, 'EVN': EVENT, 'WRK': WORK_OF_ART, 'OBJ': PRODUCT,
    # Norwegian
    'GPE_LOC': GPE, 'GPE_ORG': GPE, 'EVT': EVENT, 'PROD': PRODUCT,
    # Romanian, Greek and others
    'ORGANIZATION': ORG, 'FACILITY': FAC, 'NAT_REL_POL': NORP, 'LOCATION': LOC,
}  # fmt: skip


def label_of(model_label: str) -> Optional[str]:
    """The label for a model's own; None for what is not tagged.

    >>> label_of('GPE'), label_of('PER'), label_of('CARDINAL')
    ('GPE', 'PERSON', None)
    """
    if model_label in LABELS:
        return model_label
    return _FOREIGN.get(model_label)
