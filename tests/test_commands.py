"""``dateline extract`` and ``dateline annotate``: the pipeline's functions for one's own pages and texts."""

import gzip
import io
import json
import os
import subprocess
import sys

import pytest

from examples.serve import serve
from pipelines.cli import run_command
from pipelines.json_lines import print_line
from tests.made_site import Answer, made_sites

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
    assert annotated['empty'] == {'id': 'empty', 'reason': 'bad_input', 'detail': 'text is empty'}
    assert {'id': '6', 'reason': 'bad_input', 'detail': 'not JSON'} in annotated.values()
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
def annotate(capsys, tmp_path):
    """Runs the command without a model on lines that are given as JSON, and returns what it prints."""

    def run_on(*lines):
        path = tmp_path / 'lines.jsonl'
        path.write_text('\n'.join(lines) + '\n')
        code, rows = run(capsys, 'pipelines.annotate', '--strict', '--entities_model=none', path)
        assert len(rows) == len(lines)
        assert code == any('reason' in row for row in rows)
        return rows

    return run_on


def test_half_a_character_is_mended_and_the_batch_goes_on(annotate, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding='utf-8')  # strict, as a terminal or a file is
    rows = annotate(
        r'{"id": "\udfff", "text": "\ud800 x and Zelenskiy", "url": "https://a.example/\ud800", '
        r'"title": "\ud800", "language": "\ud800", "outlet": "\ud800", "published_at": "\ud800", '
        r'"entities": [{"start": 8, "end": 17, "label": "PERSON\ud800"}]}',
        r'{"text": "\ud83d\ude00 whole"}',
    )
    assert rows[0]['id'] == '\udfff'
    assert rows[0]['text'] == '\ufffd x and Zelenskiy' and rows[0]['title'] == '\ufffd'
    assert rows[0]['entities'][0]['text'] == 'Zelenskiy'
    assert rows[1]['text'] == '\U0001f600 whole'
    monkeypatch.setattr('sys.stdout', out)
    for row in rows:
        print_line(row)
    out.seek(0)
    assert [json.loads(line) for line in out] == rows


@pytest.mark.parametrize(
    'line, detail',
    [
        ('{"id": 3, "text": "x", "published_at": 20250303}', 'published_at is not a string'),
        ('{"id": 3, "text": "x", "language": ["en"]}', 'language is not a string'),
        ('{"id": 3, "text": "x", "title": {}}', 'title is not a string'),
        ('{"id": 3, "text": "x", "outlet": 0}', 'outlet is not a string'),
        ('{"id": 3, "text": "x", "url": false}', 'url is not a string'),
        ('{"id": 3, "text": 5}', 'text is not a string'),
        ('{"id": 3}', 'there is no text'),
        ('{"id": 3, "text": "x", "entities": {}}', 'entities is not a list'),
        (
            '{"id": 3, "text": "x", "entities": [{"start": false, "end": true, "label": "GPE"}]}',
            'entities[0]',
        ),
        ('{"id": 3, "text": "x", "entities": [{"start": 0, "end": 1, "label": 7}]}', 'entities[0]'),
        ('{"id": 3, "text": "x", "entities": [{"start": 0, "end": 2, "label": "GPE"}]}', 'entities[0]'),
    ],
)
def test_a_line_with_a_wrong_type_is_bad_and_says_what_is_wrong(annotate, line, detail):
    first, second = annotate(line, '{"id": 4, "text": "x", "title": null, "published_at": "soon"}')
    assert (first['id'], first['reason']) == (3, 'bad_input') and first['detail'].startswith(detail)
    assert second['id'] == 4 and second['dateline'] is None


@pytest.mark.parametrize(
    'line, detail',
    [
        ('[1]', 'not a JSON object'),
        ('{"text": "x", "weight": NaN}', 'not JSON'),
        ('{"text": "x", "weight": 1e999}', 'not JSON'),
        ('[' * 100_000, 'nested too deeply'),
    ],
)
def test_what_is_no_json_object_is_bad(annotate, line, detail):
    assert annotate(line) == [{'id': '1', 'reason': 'bad_input', 'detail': detail}]


@pytest.mark.parametrize('page_id', [7, None, 1.5, True, 'a', ['a', 1], {'a': '\ud800'}])
def test_an_id_of_any_type_is_given_back(annotate, capsys, tmp_path, page_id):
    good, bad = annotate(json.dumps({'id': page_id, 'text': 'x'}), json.dumps({'id': page_id}))
    assert good['id'] == bad['id'] == page_id and 'reason' not in good
    manifest = tmp_path / 'pages.jsonl'
    manifest.write_text(json.dumps({'id': page_id, 'path': 'nowhere'}))
    _, (row,) = run(capsys, 'pipelines.extract', '--processes=1', '--manifest', manifest)
    assert row['id'] == page_id


def test_without_a_model_nothing_is_tagged_and_given_entities_are_linked(annotate):
    text = 'ERBIL (AP) – Zelenskiy met Ann Ito.'
    entities = [{'start': text.index('Z'), 'end': text.index('Z') + 9, 'label': 'PERSON'}]
    plain, given = annotate(json.dumps({'text': text}), json.dumps({'text': text, 'entities': entities}))
    assert plain['entities'] == [] and plain['dateline']['place'] == 'Erbil'
    assert 'Zelensky' in given['entities'][0]['canonical']


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


@pytest.mark.parametrize('header', [True, False])
def test_a_page_that_asks_not_to_be_kept_is_refused_only_where_that_is_respected(capsys, header):
    asks = '' if header else '<meta name="robots" content="noindex">'
    html = f'<head>{asks}</head><article><h1>{TITLE}</h1>' + ''.join(f'<p>{p}</p>' for p in PARAGRAPHS)
    headers = (('X-Robots-Tag', 'noindex'),) if header else ()
    with made_sites() as (site,):
        site.answers['/a'] = Answer(html, headers=headers)
        command = (
            'pipelines.extract',
            f'{site.base}/a',
            '--processes=1',
            '--fetch_allow_private_networks=127.0.0.0/8',
        )
        _, (kept,) = run(capsys, *command)
        _, (refused,) = run(capsys, *command, '--fetch_respect_noindex')
    assert kept['body'] and refused['reason'] == 'robots'


def test_private_addresses_are_not_asked_unless_allowed(capsys):
    _, (row,) = run(capsys, 'pipelines.extract', 'http://127.0.0.1:9/x')
    assert row['reason'] == 'blocked_address'


@pytest.mark.parametrize(
    'line, detail',
    [
        ('{"url": 5}', 'url is not a string'),
        ('{"url": false, "path": "a.html"}', 'url is not a string'),
        ('{"path": 5, "url": "https://a.example/"}', 'path is not a string'),
        ('{"path": ["a.html"]}', 'path is not a string'),
        (r'{"id": "\ud800"}', 'neither url nor path'),
        (r'{"url": "https://a.example/\ud800"}', 'url holds a character'),
        (r'{"path": "\ud800.html"}', 'path holds a character'),
        (r'{"path": "\u0000.html"}', 'path holds a character'),
        ('[]', 'not a JSON object'),
        ('no json', 'not JSON'),
    ],
)
def test_a_manifest_line_that_names_no_page_is_bad_and_the_rest_goes_on(capsys, tmp_path, line, detail):
    manifest = tmp_path / 'pages.jsonl'
    manifest.write_text(f'{line}\n{{"id": "b", "path": "nowhere.html"}}\n')
    code, rows = run(capsys, 'pipelines.extract', '--processes=1', '--manifest', manifest)
    assert code == 0 and [row['reason'] for row in rows] == ['bad_input'] * 2
    assert rows[0]['detail'].startswith(f'line 1: {detail}')
    assert 'No such file' in rows[1]['detail']


def test_a_gz_file_that_is_no_whole_gzip_is_bad_and_says_so(capsys, tmp_path):
    whole = gzip.compress(b'<p>Words of a page</p>' * 50)
    damaged = whole[:12] + bytes(byte ^ 255 for byte in whole[12:20]) + whole[20:]
    contents = {'plain': b'<p>x</p>', 'short': whole[:-9], 'sum': whole[:-8] + b'12345678', 'bits': damaged}
    files = [tmp_path / f'{name}.html.gz' for name in contents]
    for file, data in zip(files, contents.values(), strict=True):
        file.write_bytes(data)
    _, rows = run(capsys, 'pipelines.extract', '--processes=1', *files)
    assert [row['reason'] for row in rows] == ['bad_input'] * 4
    assert rows[0]['detail'] == f'{files[0]}: not a gzip file, though its name ends with .gz'
    assert all('a damaged gzip file' in row['detail'] for row in rows[1:])


@pytest.mark.parametrize(
    'flag, said',
    [
        ('--processes=0', "'0' is not a whole number above 0"),
        ('--processes=x', "'x' is not a whole number above 0"),
        ('--page_deadline=nan', "'nan' is not a number above 0"),
        ('--page_deadline=-1', "'-1' is not a number above 0"),
        ('--page_deadline=inf', "'inf' is not a number above 0"),
        ('--fetch_min_delay=inf', "'inf' is not a number from 0"),
        ('--fetch_min_delay=soon', "'soon' is not a number from 0"),
        ('--fetch_max_bytes=x', "'x' is not a whole number above 0"),
    ],
)
def test_a_number_that_cannot_be_meant_is_refused_in_words(capsys, flag, said):
    assert run_command('pipelines.extract', ['page.html', flag]) == 2
    assert f'argument {flag.partition("=")[0]}: {said}' in capsys.readouterr().err


@pytest.mark.parametrize('command', ['pipelines.extract', 'pipelines.annotate'])
@pytest.mark.parametrize(
    'name, said',
    [
        ('nope.csv', 'cannot be read (No such file or directory)'),
        ('binary.csv', 'is not a CSV file in UTF-8'),
        ('long.csv', 'is not a CSV file in UTF-8'),
        ('short.csv', 'the columns'),
    ],
)
def test_a_bad_outlets_file_is_named_in_one_sentence(capsys, tmp_path, command, name, said):
    (tmp_path / 'binary.csv').write_bytes(bytes(range(256)))
    (tmp_path / 'long.csv').write_text('"' + 'x' * 200_000)
    (tmp_path / 'short.csv').write_text('id,name\n')
    assert run_command(command, ['page', '--outlets_file', str(tmp_path / name)]) == 2
    line = capsys.readouterr().err
    assert '--outlets_file' in line and str(tmp_path / name) in line and said in line
    assert line.count('\n') == 1 and 'Errno' not in line and 'codec' not in line


@pytest.mark.parametrize('command', ['pipelines.batch', 'pipelines.watch', 'pipelines.annotate'])
@pytest.mark.parametrize(
    'name, said',
    [
        ('nope.csv', 'cannot be read (No such file or directory)'),
        ('binary.csv', 'is not a CSV file in UTF-8'),
        ('label.csv', "label.csv:2: the label 'TOWN' must be one of"),
    ],
)
def test_a_bad_entities_file_is_named_in_one_sentence(capsys, tmp_path, command, name, said):
    (tmp_path / 'binary.csv').write_bytes(bytes(range(256)))
    (tmp_path / 'label.csv').write_text('canonical,label,aliases\nMorvane,TOWN,\n')
    assert run_command(command, ['page', '--entities_file', str(tmp_path / name)]) == 2
    line = capsys.readouterr().err
    assert '--entities_file' in line and str(tmp_path / name) in line and said in line
    assert line.count('\n') == 1 and 'Errno' not in line and 'codec' not in line


@pytest.mark.parametrize('command', ['pipelines.extract', 'pipelines.annotate'])
def test_the_help_says_what_the_exit_codes_mean(capsys, command):
    with pytest.raises(SystemExit):
        run_command(command, ['--help'])
    said = capsys.readouterr().out
    assert '--strict' in said and all(
        f'{code} ' in said.partition('exit codes:')[2] for code in (0, 1, 2, 130)
    )


@pytest.mark.skipif(not os.path.exists('/dev/full'), reason='there is no full device')
def test_an_output_that_cannot_be_written_is_said_in_a_sentence():
    with open('/dev/full', 'w') as full:
        ended = subprocess.run(
            [sys.executable, '-m', 'pipelines.cli', '--help'], stdout=full, stderr=subprocess.PIPE, text=True
        )
    said = 'dateline: the output cannot be written (No space left on device)\n'
    assert (ended.returncode, ended.stderr) == (1, said)


def test_a_reader_of_the_help_may_leave_early():
    read, write = os.pipe()
    os.close(read)
    ended = subprocess.run(
        [sys.executable, '-m', 'pipelines.cli', '--help'], stdout=write, stderr=subprocess.PIPE, text=True
    )
    os.close(write)
    assert (ended.returncode, ended.stderr) == (0, '')
