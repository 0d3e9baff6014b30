"""Nothing that is not public is connected to, whichever way it is named."""

import dataclasses
import ipaddress
import socket
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import pytest

from schemas.vocabulary import Reason
from tests.hasty_client import SETTINGS, host_key
from tests.hostile_server import HostileServer
from transforms.functions.web.addresses import AddressRules, BlockedAddress, is_public, literal
from transforms.functions.web.asking import Answer, Ask
from transforms.functions.web.client import WebClient

VICTIM = '127.1.0.1'


class Names:
    """A resolver that says what the test wants, one answer after the other."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        answers = self.answers.get(host.replace('.', '_'))
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, 'no such name')
        return answers.pop(0) if len(answers) > 1 else answers[0]


def ask(client: WebClient, *urls: str) -> list[Answer]:
    """The answers in the order of the URLs."""
    batch = client.open()
    for number, url in enumerate(urls):
        batch.submit(Ask(number, url))
    return sorted(batch.drain(), key=lambda answer: int(answer.token))


@pytest.mark.parametrize(
    'address',
    [
        '0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.1.0.1', '169.254.169.254', '172.16.0.1',
        '192.0.0.1', '192.0.2.1', '192.168.1.1', '198.18.0.1', '203.0.113.1', '224.0.0.1', '239.255.255.255',
        '240.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1',
        '2001:db8::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '2002:7f00:1::', '64:ff9b::7f00:1',
        '64:ff9b::a9fe:a9fe',
    ],
)  # fmt: skip
def test_what_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    'address', ['1.1.1.1', '93.184.216.34', '2606:4700::1111', '::ffff:1.1.1.1', '64:ff9b::101:101']
)
def test_what_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    'host',
    [
        '127.1.0.1',
        '127.1.1',
        '2130771969',
        '0x7f010001',
        '0177.1.0.1',
        '0x7f.1.0.1',
        '127.1.0.1.',
        '127.65537',
    ],
)
def test_every_way_to_write_an_address_is_read(host: str) -> None:
    assert str(literal(host)) == VICTIM
    with pytest.raises(BlockedAddress):
        AddressRules(('127.0.0.0/28',)).check_host(host)


def test_only_the_networks_that_were_named_are_allowed() -> None:
    rules = AddressRules(('127.0.0.0/28', '10.0.0.5', 'fd00::/8'))
    for address in ('127.0.0.1', '127.0.0.15', '10.0.0.5', 'fd00::1', '::ffff:127.0.0.1', '1.1.1.1'):
        rules.check_connection(address, 80)
    for address in ('127.0.0.16', '10.0.0.6', 'fe80::1', '::ffff:127.0.0.16', 'fe80::1%eth0'):
        with pytest.raises(BlockedAddress):
            rules.check_connection(address, 80)


def test_a_network_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match='127'):
        WebClient(dataclasses.replace(SETTINGS, allow_private=('127.0.0.1/8',)), host_key)


def test_literal_addresses_are_refused_in_every_form() -> None:
    hosts = ['127.1.0.1', '2130771969', '0x7f010001', '0177.1.0.1', '127.1.1', '[::ffff:127.1.0.1]', '[::1]']
    hosts += ['localhost', 'LOCALHOST.', 'deep.localhost', '１２７.1.0.1']
    settings = dataclasses.replace(SETTINGS, allow_private=())
    with HostileServer((VICTIM,)) as server, WebClient(settings, host_key) as client:
        answers = ask(client, *(server.url('/', VICTIM, host=host) for host in hosts))
        assert {answer.url: answer.reason for answer in answers} == dict.fromkeys(
            (answer.url for answer in answers), Reason.BLOCKED_ADDRESS
        )
        assert server.books[VICTIM].connections == 0


# As a person or a page may write what leads to VICTIM or to this machine; {port} is VICTIM's.
ATTACKS = {
    'http://127.1.0.1:{port}/': Reason.BLOCKED_ADDRESS,
    'http://127.1.1:{port}/': Reason.BLOCKED_ADDRESS,
    'http://127.65537:{port}/': Reason.BLOCKED_ADDRESS,
    'http://2130771969:{port}/': Reason.BLOCKED_ADDRESS,
    'http://0x7f010001:{port}/': Reason.BLOCKED_ADDRESS,
    'http://0x7f.1.0.1:{port}/': Reason.BLOCKED_ADDRESS,
    'http://0177.0001.0.01:{port}/': Reason.BLOCKED_ADDRESS,
    'http://017700200001:{port}/': Reason.BLOCKED_ADDRESS,
    'http://0177.0x1.0.1:{port}/': Reason.BLOCKED_ADDRESS,
    'http://127.1.0.1.:{port}/': Reason.BLOCKED_ADDRESS,
    'http://127%2e1%2e0%2e1:{port}/': Reason.BAD_URL,
    'http://１２７。1。0。1:{port}/': Reason.BLOCKED_ADDRESS,
    'http://①②⑦.①.⓪.①:{port}/': Reason.BLOCKED_ADDRESS,
    'http://[::ffff:127.1.0.1]:{port}/': Reason.BLOCKED_ADDRESS,
    'http://[::ffff:7f01:1]:{port}/': Reason.BLOCKED_ADDRESS,
    'http://[0:0:0:0:0:ffff:7f01:0001]:{port}/': Reason.BLOCKED_ADDRESS,
    'http://[::127.1.0.1]:{port}/': Reason.BLOCKED_ADDRESS,
    'http://[64:ff9b::127.1.0.1]:{port}/': Reason.BLOCKED_ADDRESS,
    'http://[64:ff9b:1::7f01:1]:{port}/': Reason.BLOCKED_ADDRESS,
    'http://[2002:7f01:1::]:{port}/': Reason.BLOCKED_ADDRESS,
    'http://[2001:0:4136:e378:8000:63bf:80fe:fffe]:{port}/': Reason.BLOCKED_ADDRESS,
    'http://[fe80::1%25lo]:{port}/': Reason.BLOCKED_ADDRESS,
    'http://[::1]:{port}/': Reason.BLOCKED_ADDRESS,
    'http://[::]:{port}/': Reason.BLOCKED_ADDRESS,
    'http://0:{port}/': Reason.BLOCKED_ADDRESS,
    'http://0.0.0.0:{port}/': Reason.BLOCKED_ADDRESS,
    'http://169.254.169.254/latest/meta-data/': Reason.BLOCKED_ADDRESS,
    'http://[fd00:ec2::254]/latest/meta-data/': Reason.BLOCKED_ADDRESS,
    'http://localhost:{port}/': Reason.BLOCKED_ADDRESS,
    'http://localhost.:{port}/': Reason.BLOCKED_ADDRESS,
    'http://LocalHost:{port}/': Reason.BLOCKED_ADDRESS,
    'http://a.localhost:{port}/': Reason.BLOCKED_ADDRESS,
    'http://public.test:{port}/': Reason.BLOCKED_ADDRESS,  # whose resolver says VICTIM
    'http://127.0.0.1@127.1.0.1:{port}/': Reason.BAD_URL,
    'http://public.test:80@127.1.0.1:{port}/': Reason.BAD_URL,
    'http://127.1.0.1:{port}@public.test/': Reason.BAD_URL,
    'http://public.test\\@127.1.0.1:{port}/': Reason.BAD_URL,
    'http://127.1.0.1:{port}#@public.test/': Reason.BLOCKED_ADDRESS,
    'http://127.1.0.1:{port}?@public.test/': Reason.BLOCKED_ADDRESS,
    'http://127.1.0.1\\.public.test:{port}/': Reason.BAD_URL,
    'http://127.1.0.1%00.public.test:{port}/': Reason.BAD_URL,
    'http://127.1.0.1 .public.test:{port}/': Reason.BAD_URL,
    'ftp://127.1.0.1:{port}/': Reason.BAD_URL,
    'file:///etc/passwd': Reason.BAD_URL,
    'file://127.1.0.1/etc/passwd': Reason.BAD_URL,
    'gopher://127.1.0.1:{port}/_GET': Reason.BAD_URL,
    'dict://127.1.0.1:{port}/': Reason.BAD_URL,
    'ws://127.1.0.1:{port}/': Reason.BAD_URL,
    'unix:///var/run/docker.sock': Reason.BAD_URL,
    'data:text/html,<p>no page': Reason.BAD_URL,
    'javascript:alert(1)': Reason.BAD_URL,
    'view-source:http://127.1.0.1:{port}/': Reason.BAD_URL,
}


@pytest.fixture(scope='module')
def attacked() -> Iterator[tuple[HostileServer, dict[str, Answer]]]:
    """Every attack as a URL of its own, and as the target of a redirect by an allowed host."""
    names = Names(public_test=[[VICTIM]])
    settings = dataclasses.replace(SETTINGS, allow_private=('127.0.0.2',))  # localhost is not among them
    with HostileServer(('127.0.0.2', VICTIM)) as server, WebClient(settings, host_key, names) as client:
        port = urlsplit(server.url('/', VICTIM)).port
        attacks = {attack: attack.replace('{port}', str(port)) for attack in ATTACKS}
        batch = client.open()
        for number, (attack, url) in enumerate(attacks.items()):
            server.redirects[f'/to/{number}'] = url
            batch.submit(Ask(attack, url))
            batch.submit(Ask(f'-> {attack}', server.url(f'/to/{number}', '127.0.0.2')))
        yield server, {answer.token: answer for answer in batch.drain()}


@pytest.mark.parametrize(('attack', 'reason'), ATTACKS.items())
def test_no_way_to_write_a_private_address_is_asked(
    attacked: tuple[HostileServer, dict[str, Answer]], attack: str, reason: Reason
) -> None:
    assert attacked[1][attack].reason is reason


@pytest.mark.parametrize(('attack', 'reason'), ATTACKS.items())
def test_no_redirect_leads_to_a_private_address(
    attacked: tuple[HostileServer, dict[str, Answer]], attack: str, reason: Reason
) -> None:
    answer = attacked[1][f'-> {attack}']
    # Another host is not followed in place, but handed on; a name is judged when it is asked for itself.
    named = 'public.test:' in attack and reason is Reason.BLOCKED_ADDRESS
    assert answer.reason is (Reason.REDIRECT_ELSEWHERE if named else reason)
    assert (answer.elsewhere is not None) == named


def test_no_attack_makes_a_connection(attacked: tuple[HostileServer, dict[str, Answer]]) -> None:
    server, answers = attacked
    assert len(answers) == 2 * len(ATTACKS)
    assert server.books[VICTIM].connections == 0
    assert {path.split('/')[1] for path in server.books['127.0.0.2'].paths()} == {'to'}


def test_a_name_is_judged_by_what_it_resolves_to() -> None:
    names = Names(
        good_test=[['127.0.0.1']],
        private_test=[[VICTIM]],
        mapped_test=[['::ffff:127.1.0.1']],
        both_test=[[VICTIM, '127.0.0.1']],
    )
    with HostileServer(('127.0.0.1', VICTIM)) as server, WebClient(SETTINGS, host_key, names) as client:
        hosts = ['good.test', 'private.test', 'mapped.test', 'both.test', 'unknown.test']
        answers = ask(client, *(server.url('/', host=host) for host in hosts))
        assert server.books[VICTIM].connections == 0
    reasons = [answer.reason for answer in answers]
    assert reasons == [None, Reason.BLOCKED_ADDRESS, Reason.BLOCKED_ADDRESS, None, Reason.DNS]


def test_a_name_that_turns_private_after_its_first_answer_is_caught() -> None:
    names = Names(rebind_test=[['127.0.0.1'], [VICTIM]])
    with HostileServer(('127.0.0.1', VICTIM)) as server, WebClient(SETTINGS, host_key, names) as client:
        # Another port is another lookup; so is the same one after a minute.
        first, second = server.url('/', host='rebind.test'), server.url('/', VICTIM, host='rebind.test')
        assert [ask(client, url)[0].reason for url in (first, second)] == [None, Reason.BLOCKED_ADDRESS]
        assert names.asked == ['rebind.test'] * 2
        assert server.books[VICTIM].connections == 0


def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    """One lookup for many requests: nothing is resolved between the check and the connection."""
    names = Names(rebind_test=[['127.0.0.1'], [VICTIM]])
    with HostileServer(('127.0.0.1', VICTIM)) as server, WebClient(SETTINGS, host_key, names) as client:
        urls = [server.url(f'/status/404?{number}', host='rebind.test') for number in range(10)]
        assert {answer.reason for answer in ask(client, *urls)} == {Reason.HTTP_4XX}
        assert names.asked == ['rebind.test']
        assert server.books[VICTIM].connections == 0


def test_a_redirect_on_its_host_is_resolved_under_the_same_rules() -> None:
    names = Names(www_site_test=[['127.0.0.1']], old_site_test=[[VICTIM]])
    with (
        HostileServer(('127.0.0.1', VICTIM)) as server,
        WebClient(SETTINGS, lambda url: 'site.test', names) as client,
    ):
        server.redirects['/old'] = server.url('/', VICTIM, host='old.site.test')
        (answer,) = ask(client, server.url('/old', host='www.site.test'))
        assert server.books[VICTIM].connections == 0
    assert answer.reason is Reason.BLOCKED_ADDRESS
    assert answer.detail == 'old.site.test has no public address (127.1.0.1)'


def test_a_lookup_that_hangs_ends_with_the_connect_deadline() -> None:
    import threading

    ended = threading.Event()

    def lookup(host: str) -> Sequence[str]:
        ended.wait()
        return ['127.0.0.1']

    with WebClient(SETTINGS, host_key, lookup) as client:
        (answer,) = ask(client, 'http://hangs.test/')
        ended.set()
    assert answer.reason is Reason.TIMEOUT
    assert answer.detail is not None and answer.detail.startswith('connecting')


def test_a_proxy_may_be_private_but_what_it_is_asked_for_may_not() -> None:
    settings = dataclasses.replace(SETTINGS, allow_private=())
    with HostileServer(('127.0.0.1',)) as server:
        proxies = {'http': server.url(''), 'no': 'direct.test'}
        names = Names(direct_test=[[VICTIM]])
        with WebClient(settings, host_key, names, proxies) as client:
            urls = ['http://some.test/page', f'http://{VICTIM}/', server.url('/'), 'http://direct.test/']
            answers = ask(client, *urls)
        assert server.books['127.0.0.1'].paths() == ['http://some.test/page']
    assert [answer.reason for answer in answers] == [None, *[Reason.BLOCKED_ADDRESS] * 3]


def test_a_proxy_is_found_by_its_name() -> None:
    settings = dataclasses.replace(SETTINGS, allow_private=())
    with HostileServer(('127.0.0.1',)) as server:
        names = Names(proxy_test=[['127.0.0.1']])
        with WebClient(settings, host_key, names, {'all': server.url('', host='proxy.test')}) as client:
            (answer,) = ask(client, 'http://some.test/page')
    assert answer.reason is None
