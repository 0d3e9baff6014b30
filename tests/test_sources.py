"""Sources: OPML, lists and feeds, recognised by content, with a fault for each bad line."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.feeds import Feed
from transforms.functions.sources import SourceError, SourceFault, is_url, load_local, read_source

WEB = 'https://example.org/sources'

OPML = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
<head><title>Mine</title></head>
<body>
  <outline text="Asia">
    <outline text="Iraq">
      <outline type="rss" text="Wire" title="The Wire" xmlUrl="https://wire.example/rss?x=1&amp;y=2"/>
    </outline>
    <outline text="Bad" xmlUrl="gopher://old.example/"/>
    <outline type="rss" text="Nameless"/>
  </outline>
  <outline xmlURL=" https://wire.example/rss?x=1&amp;y=2 " category="/World/Asia,war"/>
  <outline text="Two" xmlUrl="feed://two.example/atom"/>
</body></opml>
"""


def test_opml_gives_feeds_with_their_folders_and_categories_each_once():
    assert read_source(WEB, OPML).feeds == (
        Feed('https://wire.example/rss?x=1&y=2', 'The Wire', ('Asia', 'Iraq', 'World/Asia', 'war')),
        Feed('http://two.example/atom', 'Two', ()),
    )


def test_bad_outlines_are_faults_with_their_lines():
    assert read_source(WEB, OPML).faults == (
        SourceFault(9, 'gopher://old.example/', 'is neither http nor https'),
        SourceFault(10, 'Nameless', 'the outline has no xmlUrl'),
    )


def test_what_stands_before_a_url_in_its_line_is_a_fault_that_says_so():
    lines = 'Times,https://times.example/rss\n"https://post.example/rss"\nhttps://wire.example/rss'
    found = read_source('feeds.txt', lines.encode())
    assert [feed.url for feed in found.feeds] == ['https://wire.example/rss']
    why = 'does not begin with its URL: put that first, labels behind a space'
    assert [(fault.line, fault.why) for fault in found.faults] == [(1, why), (2, why)]


def test_opml_that_is_not_well_formed_keeps_all_its_feeds():
    text = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml><body>
<outline text="News & Views" >
<outline title="5 < 6 &eacute;" xmlUrl="http://a.example/?p=1&q=2&copy=3" />
<outline title="Zürich" xmlUrl="http://b.example/" >
</outline>
<outline xmlUrl="http://c.example/">
</body>"""
    feeds = read_source(WEB, text.encode('latin-1')).feeds
    assert [feed.url for feed in feeds] == [
        'http://a.example/?p=1&q=2&copy=3',
        'http://b.example/',
        'http://c.example/',
    ]
    assert feeds[1].title == 'Zürich'
    assert {feed.labels for feed in feeds} == {('News & Views',)}


def test_entities_of_an_opml_file_expand_to_nothing(tmp_path):
    (tmp_path / 'secret').write_text('s3cret')
    bomb = ''.join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 20 if n else "boom"}">' for n in range(9))
    text = (
        f'<!DOCTYPE opml [{bomb}<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
        '<opml><body><outline text="&b8;&x;" title="&x;" xmlUrl="http://a.example/"/></body></opml>'
    )
    (feed,) = read_source(WEB, text.encode()).feeds
    assert feed.url == 'http://a.example/'
    assert 's3cret' not in str(feed)
    assert len(str(feed)) < 200


def test_a_list_gives_a_feed_a_line_with_labels():
    text = (
        '\ufeff# my feeds\n\n'
        'https://a.example/rss\n'
        '  https://b.example/rss\twar, Iraq # one\n'
        'https://c.example/?a=b#frag [x]\r\n'
        'https://a.example/rss late\n'
        'https://d.example/ # a remark\n'
    )
    sources = read_source(WEB, text.encode())
    assert sources.faults == ()
    assert sources.feeds == (
        Feed('https://a.example/rss', None, ('late',)),
        Feed('https://b.example/rss', None, ('war', 'Iraq')),
        Feed('https://c.example/?a=b', None, ('x',)),
        Feed('https://d.example/', None, ()),
    )


def test_good_lines_are_read_though_others_are_bad():
    sources = read_source(WEB, b'https://a.example/\nnonsense here\nhttp://[bad\n/etc/hosts\n')
    assert [feed.url for feed in sources.feeds] == ['https://a.example/']
    assert [(fault.line, fault.text) for fault in sources.faults] == [
        (2, 'nonsense here'),
        (3, 'http://[bad'),
        (4, '/etc/hosts'),
    ]
    assert sources.faults[1].why == 'is not a well-formed URL'


def test_paths_in_a_local_list_are_relative_to_it(tmp_path):
    (tmp_path / 'my feed.xml').write_bytes(b'<rss/>')
    (tmp_path / 'b.xml').write_bytes(b'<rss/>')
    spec = tmp_path / 'feeds.txt'
    spec.write_text('my feed.xml\nb.xml war\nmissing.xml\n' + 'x' * 5_000)
    sources = read_source(str(spec), load_local(str(spec)))
    assert sources.feeds == (
        Feed((tmp_path / 'my feed.xml').as_uri()),
        Feed((tmp_path / 'b.xml').as_uri(), None, ('war',)),
    )
    assert [fault.line for fault in sources.faults] == [3, 4]


def test_a_source_on_the_web_may_name_no_local_files(tmp_path):
    secret = tmp_path / 'secret.xml'
    secret.write_bytes(b'<rss/>')
    lines = f'https://a.example/\n{secret}\n{secret.as_uri()}\n'
    sources = read_source(WEB, lines.encode())
    assert len(sources.feeds) == 1
    assert {fault.why for fault in sources.faults} == {
        'is not a URL, and a source on the web may name no local files'
    }


@pytest.mark.parametrize(
    'document',
    [
        b'<?xml version="1.0"?><!-- x --><rss version="2.0"/>',
        b'\n<feed xmlns="http://www.w3.org/2005/Atom"/>',
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
        b'<b>Warning</b>: too many rows\n<?xml version="1.0"?><rss version="2.0"/>',
        '<?xml version="1.0" encoding="utf-16"?><rss/>'.encode('utf-16'),
    ],
)
def test_a_feed_is_a_source_of_itself(document, tmp_path):
    assert read_source(WEB, document).feeds == (Feed(WEB),)
    local = tmp_path / 'a b.xml'
    local.write_bytes(document)
    assert read_source(str(local), document).feeds == (Feed(local.as_uri()),)
    assert read_source(local.as_uri(), load_local(local.as_uri())).feeds == (Feed(local.as_uri()),)


@pytest.mark.parametrize(
    ('spec', 'data', 'says'),
    [
        ('a.opml', b'', 'a.opml is empty'),
        ('a.opml', b' \n', 'a.opml is empty'),
        ('a.opml', b'just words\n', 'a.opml is not OPML'),
        ('a.opml', b'<opml><body/></opml>', 'a.opml has no outline with an xmlUrl'),
        ('a.opml', b'<opml><body><outline xmlUrl="x:"/></body></opml>', 'line 1'),
        ('a.html', b'<!DOCTYPE html><p>Hi', 'a.html is a web page'),
        ('a.xml', b'<urlset/>', 'neither a feed nor OPML'),
        ('a.txt', b'# nothing\n', 'a.txt names no feeds'),
        ('a.txt', b'# x\nnonsense\n', "line 2, 'nonsense'"),
        ('a.bin', b'\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'a.bin is not text'),
    ],
)
def test_an_unusable_source_is_named_in_one_sentence(spec, data, says):
    with pytest.raises(SourceError) as caught:
        read_source(spec, data)
    message = str(caught.value)
    assert says in message
    assert message.startswith(spec)
    assert message.endswith('.')
    assert '\n' not in message


def test_a_local_source_that_cannot_be_read_says_so(tmp_path):
    with pytest.raises(SourceError, match=r'missing\.opml does not exist'):
        load_local(str(tmp_path / 'missing.opml'))
    with pytest.raises(
        SourceError, match=r'^example\.org does not exist: .*, or a site as https://example\.org/\.$'
    ):
        load_local('example.org')
    with pytest.raises(SourceError, match='is a directory'):
        load_local(str(tmp_path))
    file = tmp_path / 'file'
    file.write_bytes(b'x')
    with pytest.raises(SourceError, match='cannot be read'):
        load_local(str(file / 'below'))
    assert load_local(file.as_uri()) == b'x'


def test_urls_are_told_from_paths():
    assert is_url(' HTTPS://example.org')
    assert not is_url(str(Path('http.txt')))


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.one_of(st.binary(), st.text().map(str.encode), st.binary().map(lambda tail: b'<opml><body>' + tail))
)
def test_any_bytes_are_read_or_refused(data):
    for spec in (WEB, 'x.opml', 'x.txt'):
        try:
            sources = read_source(spec, data)
        except SourceError:
            continue
        assert sources.feeds
