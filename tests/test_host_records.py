"""What was done to each host is on record: each request once, whoever made it and in whichever round."""

import dataclasses
import json
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
import pytest

from pipelines.cli import run_command
from schemas.settings import FetchSettings
from tests.hostile_server import HostileServer
from tests.made_site import Answer, made_sites, page
from transforms.functions import host_records
from transforms.functions.lake import Lake
from transforms.functions.storage import LocalStorage
from transforms.functions.web import host_reports, scheduling
from transforms.functions.web.asking import Ask
from transforms.functions.web.client import WebClient
from transforms.functions.web.host_reports import OTHERS, HostReport, HostTally, as_row, of_row

SETTINGS = FetchSettings(min_delay_s=0.0, respect_robots=False, allow_private=('127.0.0.0/28',))
FLAGS = ('--fetch_allow_private_networks=127.0.0.0/8', '--entities_model=none', '--analysis_processes=1')


def host_key(url: str) -> str:
    return urlsplit(url).netloc


def documented_query() -> str:
    """The query of docs/operations.md, as it is printed there."""
    page = (Path(__file__).parent.parent / 'docs' / 'operations.md').read_text(encoding='utf-8')
    (query,) = re.findall(r'```sql\n(SELECT host.*?)```', page, re.DOTALL)
    return query


def asked(client: WebClient, *urls: str) -> None:
    batch = client.open()
    for url in urls:
        batch.submit(Ask(url, url))
    assert len(list(batch.drain())) == len(urls)


def test_a_run_of_several_rounds_says_what_it_did_to_each_host(tmp_path: Path) -> None:
    lake = str(tmp_path / 'lake')
    with made_sites(2) as (a, b):
        a.answers |= {f'/{n}': page(f'Title {n}', f'word{n}') for n in range(5)}
        a.answers['/robots.txt'] = Answer('User-agent: *\nDisallow: /private\n', kind='text/plain')
        b.answers['/0'] = Answer('busy', 429)
        feed = a.feed(*((f'Title {n}', f'/{n}') for n in range(5)), ('Private', '/private/1'))
        other = b.feed(('Busy', '/0'))
        flags = (*FLAGS, '--round_urls=2', '--fetch_min_delay=0.05')
        assert run_command('pipelines.batch', [feed, other, '--output', lake, *flags]) == 0
        requests = {urlsplit(site.base).netloc: len(site.asked) for site in (a, b)}
    (path,) = (tmp_path / 'lake' / '_runs').iterdir()  # and nothing beside it any more
    record = json.loads(path.read_text())
    assert record['rounds'] > 1
    first, second = record['hosts']
    assert {host['host']: host['requests'] for host in (first, second)} == requests
    assert (first['robots_denials'], first['answers_429'], second['answers_429']) == (1, 0, 1)
    assert first['shortest_gap_s'] >= first['delay_s'] == 0.05
    assert 1 <= first['most_in_flight'] <= 2
    assert first['wire_bytes'] > sum(len(a.answers[f'/{n}'].body) for n in range(5))
    rows = duckdb.sql(documented_query().replace('lake/', f'{lake}/')).fetchall()
    assert {host: count for host, count, _ in rows} == requests


def test_a_dry_run_leaves_no_record_of_hosts(tmp_path: Path) -> None:
    lake = tmp_path / 'lake'
    with made_sites() as (site,):
        feed = site.feed(('One', '/1'))
        assert run_command('pipelines.batch', [feed, '--output', str(lake), '--dry_run', *FLAGS]) == 0
        assert site.asked
    assert not lake.exists() or not any(files for _, _, files in os.walk(lake))


def test_each_thing_done_is_taken_once_while_the_client_runs_and_after_it() -> None:
    with HostileServer(('127.0.0.1', '127.0.0.2')) as server:
        with WebClient(SETTINGS, host_key) as client:
            asked(client, server.url('/a'), server.url('/b'), server.url('/status/503', '127.0.0.2'))
            taken = {report.host: report for report in client.take_reports()}
            assert taken[host_key(server.url('/'))].requests == 2
            assert taken[host_key(server.url('/', '127.0.0.2'))].answers_503 == 1
            assert client.take_reports() == []
            asked(client, server.url('/c'))
        (last,) = client.take_reports()
        assert (last.requests, last.host) == (1, host_key(server.url('/')))
        assert last.shortest_gap_s is not None  # the pause since what was taken before counts
        assert client.take_reports() == []


def test_a_host_that_is_forgotten_leaves_its_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, 'MAX_HOSTS', 2)
    hosts = tuple(f'127.0.0.{number}' for number in range(1, 7))
    with HostileServer(hosts) as server, WebClient(SETTINGS, host_key) as client:
        for address in hosts:
            asked(client, server.url('/a', address))
        assert len(client.reports()) == 2
        assert sorted(report.host for report in client.take_reports()) == sorted(
            host_key(server.url('/', address)) for address in hosts
        )


def test_hosts_beyond_the_bound_are_summed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_reports, 'MAX_NAMED', 2)
    tally = HostTally(HostReport(f'{n}.example', requests=n, shortest_gap_s=1.0 / n) for n in range(1, 5))
    tally.add([HostReport('1.example', requests=9), HostReport('idle.example')])
    assert [(report.host, report.requests) for report in tally] == [
        ('1.example', 10),
        (OTHERS, 7),
        ('2.example', 2),
    ]
    assert [report.shortest_gap_s for report in tally] == [1.0, 0.25, 0.5]


def test_what_processes_told_is_added_up_also_of_a_run_that_was_killed(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path), LocalStorage())
    one = HostReport('a.example', 3, 0.5, 2, 1_000, 1, 1, 0, 0.5)
    other = HostReport('a.example', 2, 0.25, 1, 500, 0, 0, 1, 0.25)
    more = HostTally([other, HostReport('b.example', 1)])
    host_records.write_part(lake, 'run', 'p1', HostTally([other]), {'tag_entities': 9})
    host_records.write_part(lake, 'run', 'p1', HostTally([one]), {'tag_entities': 5})  # in place of the last
    host_records.write_part(lake, 'run', 'p2', more, {'tag_entities': 2})
    assert host_records.read_stages(lake, 'run') == {'tag_entities': 7}
    (tmp_path / '_runs' / 'run' / 'p3.partial').write_bytes(b'{"hosts"')
    first, second = host_records.read_parts(lake, 'run')
    assert first == HostReport('a.example', 5, 0.25, 2, 1_500, 1, 1, 1, 0.5)
    assert second.host == 'b.example'
    assert of_row(as_row(one)) == one == dataclasses.replace(one)
    host_records.drop_parts(lake, 'run')
    assert list(host_records.read_parts(lake, 'run')) == []
