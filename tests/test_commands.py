"""``dateline extract`` and ``dateline annotate``: the pipeline's functions for one's own pages and texts."""

import gzip
import json

import pytest

from examples.serve import serve
from pipelines.cli import run_command

# Articles of the shapes that the project is for, in our own words.
TITLE = 'Minister Says Dam Repairs Will Take Until Spring'
STANDFIRST = (
    'The water ministry asked towns downstream to store drinking water, and promised weekly bulletins.'
)
AGENCY = 'ERBIL (Kurdistan24) – The water ministry on Sunday asked towns below the Dukan dam to store water.'
CITY = '(LONDON) — The transport minister, Heidi Alexander, on Monday said trains would run by the weekend.'
CREDIT = ' date 2025-03-02 Jonas Weller via Getty Images'
CAPTION = 'Engineers inspect the spillway of the dam after a night of rain, on Saturday, March 1, 2025 (AP)'
PARAGRAPHS = [
    'Engineers found two cracks in the eastern gate last week, and closed it before the river rose again.',
    'Residents of three villages said that nobody had told them anything until the sirens were tested.',
    'The repairs are expected to cost twelve million dollars, which parliament has yet to approve in full.',
    'A second gate will be inspected next month, once the snow in the mountains has begun to melt away.',
]
BODIES = {
    'agency': [TITLE, STANDFIRST, AGENCY, *PARAGRAPHS],
    'none': PARAGRAPHS,
    'caption': [TITLE, STANDFIRST, '-', CAPTION, *PARAGRAPHS],
    'credit': [CREDIT, CITY, *PARAGRAPHS],
    'twice': [*PARAGRAPHS, PARAGRAPHS[1]],
}


def run(capsys, module, *arguments):
    code = run_command(module, [str(argument) for argument in arguments])
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture(scope='module')
def annotated(tmp_path_factory):
    import contextlib
    import io

    path = tmp_path_factory.mktemp('annotate') / 'texts.jsonl'
    rows = [{'id': name, 'text': '\n'.join(lines)} for name, lines in BODIES.items()]
    path.write_text('\n'.join(map(json.dumps, rows)) + '\nno json\n{"id": "empty", "text": ""}\n')
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert run_command('pipelines.annotate', [str(path)]) == 0
    return {row['id']: row for row in map(json.loads, out.getvalue().splitlines())}


def test_a_dateline_with_an_agency_is_parsed_behind_title_and_standfirst(annotated):
    dateline = annotated['agency']['dateline']
    assert dateline['text'] == 'ERBIL (Kurdistan24) –'
    assert (dateline['place'], dateline['country'], dateline['geonameid']) == ('Erbil', 'IQ', 95446)
    assert (dateline['agency'], dateline['agency_name'], dateline['agency_text']) == (
        'kurdistan24', 'Kurdistan 24', 'Kurdistan24',
    )  # fmt: skip
    assert annotated['agency']['text'][dateline['body_offset'] :].startswith('The water ministry on Sunday')


def test_a_dateline_in_brackets_is_parsed_behind_a_leaked_credit(annotated):
    dateline = annotated['credit']['dateline']
    assert (dateline['place'], dateline['country'], dateline['agency']) == ('London', 'GB', None)


@pytest.mark.parametrize('name', ['none', 'caption', 'twice'])
def test_no_dateline_is_invented(annotated, name):
    assert annotated[name]['dateline'] is None


def test_entities_point_at_the_text_and_carry_ids(annotated):
    row = annotated['credit']
    assert row['entities']
    for entity in row['entities']:
        assert row['text'][entity['start'] : entity['end']] == entity['text']
        assert entity['label'] and entity['canonical'] and entity['entity_id']
    assert 'Heidi Alexander' in {entity['canonical'] for entity in row['entities']}


def test_lines_that_are_no_input_get_a_reason_and_the_rest_goes_on(annotated):
    assert annotated['empty'] == {'id': 'empty', 'reason': 'bad_input'}
    assert {'id': '6', 'reason': 'bad_input'} in annotated.values()
    assert len(annotated) == len(BODIES) + 2


def test_given_entities_are_linked_and_not_tagged_anew(capsys, tmp_path):
    path = tmp_path / 'texts.jsonl'
    entities = [{'start': 0, 'end': 9, 'label': 'PERSON'}]
    path.write_text(json.dumps({'id': 1, 'text': 'Zelenskiy met Ann Ito.', 'entities': entities}))
    _, (row,) = run(capsys, 'pipelines.annotate', path)
    (entity,) = row['entities']
    assert (entity['text'], entity['start'], entity['end']) == ('Zelenskiy', 0, 9)
    assert 'Zelensky' in entity['canonical']


@pytest.fixture
def pages(tmp_path):
    """The bodies as plain HTML pages, and their manifest."""
    rows = []
    for name, lines in BODIES.items():
        paragraphs = ''.join(f'<p>{line}</p>' for line in lines)
        html = (
            f'<html><head><title>{TITLE}</title></head><body><article><h1>{TITLE}</h1>{paragraphs}</article>'
        )
        (tmp_path / f'{name}.html.gz').write_bytes(gzip.compress(html.encode()))
        rows.append({'id': name, 'url': f'https://news.example/{name}', 'path': f'{name}.html.gz'})
    rows.insert(1, {'id': 'lost', 'url': 'https://news.example/lost', 'path': 'lost.html'})
    (tmp_path / 'pages.jsonl').write_text('\n'.join(map(json.dumps, rows)) + '\nno json\n')
    return tmp_path / 'pages.jsonl'


def test_extract_prints_one_line_a_page_in_order_with_the_contracts_fields(capsys, pages):
    code, rows = run(capsys, 'pipelines.extract', '--manifest', pages)
    assert code == 0
    assert [row['id'] for row in rows] == ['agency', 'lost', 'none', 'caption', 'credit', 'twice', '7']
    assert rows[1]['reason'] == 'bad_input' and rows[6]['reason'] == 'bad_input'
    assert list(rows[0]) == [
        'id', 'url', 'title', 'standfirst', 'body', 'subheads', 'captions', 'authors', 'published_at',
        'modified_at', 'language', 'section', 'tags', 'image_url', 'canonical_url', 'paywalled', 'kind',
        'outlet', 'agency', 'dateline', 'evidence',
    ]  # fmt: skip


def test_extract_keeps_title_standfirst_caption_and_credit_out_of_the_body(capsys, pages):
    _, rows = run(capsys, 'pipelines.extract', '--manifest', pages)
    by_id = {row['id']: row for row in rows}
    for name in BODIES:
        body = by_id[name]['body']
        assert not any(part in body for part in (TITLE, STANDFIRST, CAPTION, CREDIT.strip())), name
        assert all(body.count(paragraph) == 1 for paragraph in PARAGRAPHS), name
    assert by_id['agency']['standfirst'] == STANDFIRST
    assert by_id['agency']['body'].startswith('The water ministry on Sunday')
    assert by_id['agency']['dateline']['place'] == 'Erbil'
    assert by_id['credit']['body'].startswith('The transport minister')
    assert CAPTION in [caption['text'] for caption in by_id['caption']['captions']]


def test_strict_makes_a_page_without_an_article_an_exit_code_of_1(capsys, pages):
    assert run(capsys, 'pipelines.extract', '--strict', '--manifest', pages)[0] == 1


def test_a_file_and_a_url_may_be_named(capsys, tmp_path):
    with serve(base_port=0) as site:
        article = next(iter(site.sources.articles))
        page = tmp_path / 'page.html'
        page.write_text(f'<article><h1>{TITLE}</h1>' + ''.join(f'<p>{p}</p>' for p in PARAGRAPHS))
        _, rows = run(
            capsys,
            'pipelines.extract',
            page,
            site.url_of(article),
            '--fetch_allow_private_networks=127.0.0.0/8',
        )
    assert [row['id'] for row in rows] == [str(page), site.url_of(article)]
    assert rows[0]['url'] == page.as_uri() and rows[1]['body']


def test_private_addresses_are_not_asked_unless_allowed(capsys):
    _, (row,) = run(capsys, 'pipelines.extract', 'http://127.0.0.1:9/x')
    assert row['reason'] == 'blocked_address'
