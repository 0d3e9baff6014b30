"""How tests ask through the web client: soon impatient, each address and port of this machine a host."""

from urllib.parse import urlsplit

from schemas.settings import FetchSettings

SETTINGS = FetchSettings(
    connect_timeout_s=1.0,
    first_byte_timeout_s=1.0,
    total_timeout_s=2.0,
    min_delay_s=0.0,
    respect_robots=False,
    allow_private=('127.0.0.0/28',),
)


def host_key(url: str) -> str:
    """The name of a URL's host: its address and port."""
    return urlsplit(url).netloc
