"""Sentences with slots, which ``benchmarks.prose`` fills: written for the generated news site.

A slot that begins with a capital is filled with a capital. What the slots mean is said there.
"""

LEADS = """
{org} {verbed} {a_adj} {noun} on {weekday} after {things} in {place} {verbed} the {noun}, {said_by}.
{Who} {verbed} {org} on {weekday} over {a_adj} {noun} that has {verbed} {number} {things} in {country} \
since {month}.
At least {number} {things} were {verbed} in {village}, near {place}, when {a_thing} {verbed} {a_adj} \
{noun}, {said_by}.
{Nat} {things} {adv} {verbed} their {noun} on {weekday}, {verbing} {a_adj} {noun} between {org} and {org}.
{A_adj} {noun} in {place} has {verbed} {nat} {things} and {verbed} calls for {a_adj} {noun}, {said_by}.
{Org} will {verb} {money} in {adj} {things} across {country} by {year}, {said_by}, as the {noun} {adv} \
{verbed}.
""".strip().splitlines()

SENTENCES = """
{Who} told reporters in {place} that the {noun} had {verbed} {adj} {things}, {verbing} {a_noun} that \
{verbed} {org}.
The {noun}, which {verbed} {number} {things} in {month}, is expected to {verb} {a_adj} {noun} before \
{month} {year}.
{Org} said in a statement that it would {verb} the {adj} {noun} and {verb} {a_noun} with {org}.
According to {org}, about {percent} of {things} in {country} {verbed} {a_adj} {noun} last year, up from \
{percent} in {year}.
{Who}, {a_role} at {org}, {verbed} the {noun} as {adj} and {adj}.
The {thing} was {verbed} in {year} and has since {verbed} {a_adj} {noun}, {verbing} {things} from {village} \
to {place}.
Officials in {place} {adv} {verbed} the {nouns}, but {nat} {things} remain {adj}.
Critics of the {noun} say it {verbed} {things} without {verbing} {a_adj} {noun} for {village}.
In {village}, {number} kilometres from {place}, {things} {verbed} {a_noun} while {things} {verbed} the \
{adj} {thing}.
{Country} and {country} {verbed} {a_adj} {noun} in {year}, although neither has {verbed} the {noun} that \
followed.
A report {verbed} on {weekday} by {org} found that {number} {things} were {verbed} between {year} and {year}.
The {nouns} come {number_word} weeks after {who} {verbed} {a_adj} {noun} in {country}.
If the {noun} is {verbed}, {org} could {verb} up to {money} and {verb} {number} {things} by {month}.
Shares in {org} {verbed} {percent} in {place} on {weekday}, {verbing} {a_noun} that had {verbed} {adj} \
{things}.
{Who} has {adv} {verbed} the {noun}, {verbing} that {adj} {things} would {verb} {a_adj} {noun}.
A {adj_cons} {noun} of {things} and {adj} {nouns} {verbed} {place}, where the {thing} has {verbed} since \
{month}.
Some {number} people live near the {thing}, many of them {adj} {things} whose {nouns} {verbed} the {noun}.
The {adj} {noun} {verbed} {org}, {village} and several {nat} {things}, who {verbed} {a_noun} in {place}.
Residents of {village} {verbed} the {thing} on {weekday} night, and {number} of them {verbed} {a_adj} {noun}.
Earlier this week, {who} {verbed} {org} to {verb} the {noun}, {verbing} it {a_adj} {noun} for {country}.
Under the {noun}, {things} that {verb} more than {number} {things} a year must {verb} {a_adj} {noun}.
{Org} did not {adv} {verb} {a_noun}, and {who} could not be {verbed} for comment.
The {thing} {verbed} at {clock} on {monthday}, {verbing} {number} {things} and {verbing} the {adj} {noun}.
Since {year}, {country} has {verbed} {money} in {adj} {things}, but {nouns} {verbed} {a_adj} {noun}.
Analysts at {org} expect the {noun} to {verb} {percent} of {things} in {country}, {adv} {verbing} {a_noun}.
On {monthday}, {nat} {things} {verbed} {a_adj} {noun} near the {village} {thing}, {said_by}.
It was not {adj} whether {who} would {verb} the {noun} or {verb} {a_thing} in its place.
The dispute over the {noun} has {verbed} {adj} {things} and {verbed} {number_word} {adj} {nouns} in {place}.
{Who} and {who} {verbed} {a_adj} {noun} with {nat} {things} in {village} earlier this month.
For {things} such as {who}, the {noun} {verbed} {a_adj} {noun} after {number_word} years of {adj} {nouns}.
The {noun} {adv} {verbed} {percent} of {things}, {verbing} {a_noun} that {who} had {verbed} in {month}.
{Org}, based in {place}, {verbed} {number} {adj} {things} last {weekday}, its {adj} {noun} since {year}.
Neither {org} nor {org} has {verbed} the {nouns}, which {verb} {things} across {country} and {country}.
A spokesman for {org} said the {thing} would {verb} {a_noun} once the {adj} {nouns} were {verbed}.
The {adj} {noun} {verbed} {things} who had {adv} {verbed} the {nouns} and {verbed} {a_thing} of their own.
Few {things} {verbed} the {noun}, and those that did {verbed} it as {a_adj} {noun} rather than {a_noun}.
It {verbed} the {things}, {verbed} the {adj} {noun} and left {a_adj} {thing} without {a_noun}.
Such {nouns} are {adj}, and the {things} that {verb} them tend to {verb} {adj} {nouns} instead.
The {thing} {adv} {verbed} {a_noun}, but its {adj} {nouns} {verbed} the {things} that {verb} it every day.
What {verbed} the {things} most was {a_adj} {noun}, which {adv} {verbed} the {thing} and its {nouns}.
Under the {adj} {noun}, {things} may {verb} {a_thing} only when {a_noun} has {adv} {verbed} it.
Others {verbed} the {noun} as {adj}, {verbing} that {things} would {verb} {a_noun} sooner or later.
The {nouns} have {verbed} little, and {a_adj} {noun} between {things} and their {adj} {nouns} {verbs} on.
Whether the {noun} will {verb} {adj} {things} depends on {a_adj} {noun} that nobody has yet {verbed}.
There was {a_adj} {noun} at first, then {a_noun}, and in the end the {things} {adv} {verbed} the {thing}.
""".strip().splitlines()

QUOTES = """
We {verbed} the {noun} because {things} in {place} {verbed} it, and we will {verb} it again
This is {a_adj} {noun} for {country}, and nobody should {verb} the {things} who {verbed} it
I have {verbed} {things} for {number_word} years and never {verbed} {a_adj} {noun} like this
There is no {adj} {noun} here, only {things} and {a_noun} that {org} should have {verbed}
When the {thing} {verbed}, we {adv} {verbed} the {things} and {verbed} everybody we could
What we need is {a_adj} {noun}, not another {noun} that {verbs_things} {village}
You cannot {verb} {a_thing} without {verbing} {a_adj} {noun}, and {org} knows that
Our {things} {verbed} more than {money} in {month}, and that is {a_adj} {noun}
If they {verb} the {noun}, {percent} of our {things} will {verb} {a_adj} {noun} by {month}
It {verbed} us all, and the {nouns} are still {adj}
""".strip().splitlines()

REMARKS = """
I {verbed} {a_thing} like that in {place} and it was {adj}
Why does nobody {verb} the {noun}? The {things} in {country} {verbed} it years ago
So {org} will {verb} our {things} again. {Adj} {noun}, as always
Great {noun}, but you forgot the {adj} {things} of {village}
My neighbour {verbed} {number} {things} for this {noun} and nobody {verbed} it
{A_adj} {noun}. Thanks for {verbing} the {nouns}
""".strip().splitlines()

HEADLINES = """
{org} {verbs} {adj} {noun} as {things} {verb} {place}
{nat} {things} {verb} {noun} after {adj} {noun} in {village}
{surname} {verbs} {org} over {adj} {things}
{place} {thing} {noun} {verbs} {number} {things}
{country} {verbs} {noun} with {country} on {adj} {things}
How {a_adj} {thing} {verbed} {village}
""".strip().splitlines()
