"""English word forms by rule, for the generated news site."""

import re

IRREGULAR = {'strike': 'struck', 'uphold': 'upheld', 'withhold': 'withheld'}


def plural(noun: str) -> str:
    """The regular plural, which is also the third person of a regular verb.

    >>> plural('enquiry'), plural('speech'), plural('railway'), plural('freight train')
    ('enquiries', 'speeches', 'railways', 'freight trains')
    """
    if re.search(r'[^aeiou]y$', noun):
        return noun[:-1] + 'ies'
    return noun + ('es' if noun.endswith(('s', 'x', 'z', 'ch', 'sh')) else 's')


def past(verb: str) -> str:
    """The past form of a verb of the list.

    >>> past('deny'), past('boost'), past('plan'), past('amend'), past('strike')
    ('denied', 'boosted', 'planned', 'amended', 'struck')
    """
    if verb in IRREGULAR:
        return IRREGULAR[verb]
    if verb.endswith('e'):
        return verb + 'd'
    if re.search(r'[^aeiou]y$', verb):
        return verb[:-1] + 'ied'
    return _doubled(verb) + 'ed'


def participle(verb: str) -> str:
    """The form in -ing.

    >>> participle('ease'), participle('plan'), participle('quote'), participle('question')
    ('easing', 'planning', 'quoting', 'questioning')
    """
    if verb.endswith('e') and not verb.endswith(('ee', 'oe', 'ye')):
        return verb[:-1] + 'ing'
    return _doubled(verb) + 'ing'


def adverb(adjective: str) -> str:
    """The regular adverb of an adjective.

    >>> adverb('heavy'), adverb('possible'), adverb('tragic'), adverb('full'), adverb('calm')
    ('heavily', 'possibly', 'tragically', 'fully', 'calmly')
    """
    for ending, instead in (('ic', 'ically'), ('ble', 'bly'), ('ple', 'ply'), ('tle', 'tly'), ('ll', 'lly')):
        if adjective.endswith(ending):
            return adjective.removesuffix(ending) + instead
    return re.sub(r'y$', 'i', adjective) + 'ly'


def with_article(phrase: str) -> str:
    """The phrase after 'a' or 'an', by its first letter and the few words that sound otherwise.

    >>> with_article('austere'), with_article('unique'), with_article('honest'), with_article('bold')
    ('an austere', 'a unique', 'an honest', 'a bold')
    """
    vowel = phrase[0] in 'aeiou' and not re.match(r'uni(?!n|m)|unanim|usual|useful|eu', phrase)
    return ('an ' if vowel or phrase.startswith(('honest', 'hour')) else 'a ') + phrase


def _doubled(verb: str) -> str:
    # One syllable, one vowel before one consonant: 'plan' doubles, 'boost', 'fuel' and 'follow' do not.
    one_syllable = re.fullmatch(r'[^aeiou]*[aeiou][^aeiouwxy]', verb)
    return verb + verb[-1] if one_syllable or verb in {'submit', 'defer', 'permit'} else verb
