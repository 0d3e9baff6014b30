"""Is this printed text a dateline's place, how sure is that, and which place of the gazetteer is it?"""

from typing import Optional

from transforms.functions.dateline_words import (
    ACRONYMS,
    GIVEN_NAMES,
    LABELS,
    NAME_ENDINGS,
    NO_TOWNS,
    OPENERS,
    PARTICLES,
    PLACE_ENDINGS,
    PLACE_WORDS,
    STAND_ALONE,
)
from transforms.functions.gazetteer import Candidate, Gazetteer, Place
from transforms.functions.gazetteer_file import ALTERNATE
from transforms.functions.place_context import Context, distance2, likeliest
from transforms.functions.place_texts import PlaceText


def is_place(place: PlaceText, agency: bool, dated: bool, colon: bool, rest: str) -> bool:
    """Whether it stands as a dateline's place, by what else there is: an agency, a date, a colon.

    ``rest`` is the text that follows, in which the place's name may come up again.
    """
    name = ' '.join(place.names)
    folded = name.casefold().rstrip('.')
    words = folded.split()
    if not place.worded or folded in LABELS or folded in ACRONYMS or folded in NO_TOWNS:
        return False
    if words[0] in LABELS and not place.found:
        return False
    if place.qualifiers and not place.stated and not all(_qualifier_like(q) for q in place.qualifiers):
        return False
    opener = place.caps and (words[0] in OPENERS or ' '.join(words[:2]) in OPENERS)
    if opener and len(words) > 1:
        return True
    if place.stated and (place.caps or place.found):
        return True
    if agency or dated:
        if place.found and (place.caps or place.found[0].rank != ALTERNATE or place.largest == 0):
            return place.caps or _is_title(name)
        return place.caps and len(words) <= 5 and words[0] not in GIVEN_NAMES
    if place.caps and place.found:
        kind = place.found[0].place.kind
        return not (colon and (kind != 'city' or place.largest < 1000)) or len(place.names) > 1
    if place.found and _is_title(name):
        best = place.found[0]
        if best.rank == ALTERNATE:
            return not colon and _is_name_abroad(folded, best.place)
        return best.place.kind == 'city' and best.place.population >= (50_000 if colon else 15_000)
    return place.caps and not colon and _place_like(words, name, rest)


def _is_name_abroad(folded: str, place: Place) -> bool:
    """Whether what a city is called elsewhere is no other word or name: München, Varsovie; not Julia."""
    enough = 500_000 if folded.isascii() else 100_000
    return (
        place.population >= enough and (len(folded) > 5 or not folded.isascii()) and folded not in GIVEN_NAMES
    )


def _place_like(words: list[str], name: str, rest: str) -> bool:
    """Whether capitals that no gazetteer has read like a place's name."""
    if words[0] in GIVEN_NAMES or len(words) > 4 or any(len(w) < 2 for w in words):
        return False
    if any(word in LABELS for word in words):
        return False
    if words[-1] not in PLACE_WORDS and words[-1].title() in NAME_ENDINGS:  # NEW YORK TIMES
        return False
    if any(word in PLACE_WORDS for word in words) and len(words) > 1:
        return True
    if len(words) == 1 and len(words[0]) > 5 and words[0].endswith(PLACE_ENDINGS):
        return True
    return len(name) > 4 and name.title() in rest


def choose(
    place: PlaceText, gazetteer: Gazetteer, home: Optional[Place], context: Context, agency: bool
) -> tuple[Optional[Place], tuple[Candidate, ...]]:
    """The place that is meant, and the candidates in order of likelihood.

    In order: what the dateline states, the outlet's home, the cities that stand alone in the style
    of the agencies, what the text speaks of and the outlet's words say, its country, inhabitants.
    Where only the stated state or country is known, that is the answer.
    """
    ranked = list(place.found)
    if not ranked:
        if place.stated and place.qualifiers:
            areas = gazetteer.areas(place.qualifiers[0])
            return (areas[0] if areas else None), ()
        return None, ()
    if place.stated or len(ranked) == 1:
        return ranked[0].place, tuple(ranked[:5])
    alone = place.name.casefold().rstrip('.') in STAND_ALONE
    if home is not None and not (alone and agency):
        local = [c for c in ranked if c.place.kind == 'city' and _is_local(c.place, home)]
        largest = max(c.place.population for c in ranked)
        # A capital is not the hamlet of its name, but a village next door is not its namesake abroad.
        local = [c for c in local if not alone or c.place.population * 20 >= largest]
        if local:
            local.sort(key=lambda c: _pull(c, home), reverse=True)
            return local[0].place, (*local[:3], *[c for c in ranked if c not in local][:2])
    if alone:
        return place.cities_first[0].place, place.cities_first[:5]
    ranked = likeliest(ranked, context, gazetteer)
    return ranked[0].place, tuple(ranked[:5])


def _is_local(place: Place, home: Place) -> bool:
    same = place.country == home.country and place.region == home.region
    return same or distance2(place, home) < 1.5**2


def _pull(candidate: Candidate, home: Place) -> float:
    # Inhabitants over squared distance, as in models of trade; 0.3 degrees are about 30 km.
    people = candidate.place.population + 500.0
    if candidate.rank == ALTERNATE:
        people /= 200
    return people / (distance2(candidate.place, home) + 0.3**2)


def _is_title(name: str) -> bool:
    return all(w[0].isupper() or not w[0].islower() or w.casefold() in PARTICLES for w in name.split())


def _qualifier_like(text: str) -> bool:
    words = text.split()
    return (
        0 < len(words) <= 4
        and all(w[0].isupper() or w in PARTICLES for w in words)
        and not text[-1].isdigit()
    )
