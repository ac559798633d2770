"""Which addresses count as public, and how hosts that are none are refused."""

from __future__ import annotations

import ipaddress

import pytest

from reelwright.domain.errors import InvalidInput
from reelwright.providers.feeds.http import HttpFeedReader
from reelwright.providers.feeds.pinned import is_public
from reelwright.storage.stores import open_media_store

NOT_PUBLIC = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 192.0.0.8 192.0.2.1
    192.31.196.1 192.88.99.1 192.168.0.1 192.175.48.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1
    255.255.255.255
    :: ::1 ::127.0.0.1 ::10.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1
    64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::10.0.0.1 64:ff9b:1::8.8.8.8
    2002:7f00:1:: 2002:a00:1:: 2002:c0a8:1:: 2001::1 2001:0:7f00:1:: 2001:2::1 2001:10::1 2001:20::1 2001:db8::1
    3fff::1 5f00::1 100::1 4000::1 fc00::1 fd12::1 fe80::1 fec0::1 feff::1 ff02::1 ff0e::1
""".split()  # noqa: SIM905
PUBLIC = """
    8.8.8.8 1.1.1.1 172.32.0.1 100.128.0.1 2606:4700::1111 2a00:1450::1 64:ff9b::8.8.8.8 ::ffff:8.8.8.8 2002:808:808::
""".split()  # noqa: SIM905


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_of_the_public_internet(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://[::127.0.0.1]/",
        "http://[64:ff9b:1::a00:1]/",
        "http://[fec0::1]/",
        "http://[::1%25lo]/",
        "http://[fe80::1%25eth0]/",
        "http://[2606:4700::1111%25eth0]/",
        "http://017700000001/",
        "http://127.1/",
        "http://0x7f.1/",
        "http://0/",
        "http://１２７.0.0.1/",
        "http://8.8.8.8:0/",
        "http://xn--/",
        "http://xn--a/",
        "http://www.xn--.example/",
        "http://xn--zz--/",
        "http://%31/",
        "http://a..b/",
        "http://./",
        "http://\xad.com/",
        "http://" + "a" * 64 + ".com/",
        "http://[v1.a]/",
        "http://a\x00b/",
    ],
)
async def test_every_other_host_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"^feed: [^\n]+$"):
        await HttpFeedReader().newest(url)


@pytest.mark.parametrize("url", ["s3://[", "file://[::1", "s3://user:pass@[x/"])
def test_a_media_address_that_is_none_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(InvalidInput, match=r"^REELWRIGHT_MEDIA_URL: [^\n]+$") as caught:
        open_media_store(url)
    assert "pass@" not in str(caught.value)
