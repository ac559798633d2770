"""IPTC's "Digital Source Type" in a JPEG, as XMP (IPTC Photo Metadata Standard, section "Digital Source Type")."""

from __future__ import annotations

from lxml import etree

from reelwright.domain.marking import SourceType

IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_FIELD = f"{{{IPTC_EXT}}}DigitalSourceType"
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}">\
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{ext}"><Iptc4xmpExt:DigitalSourceType>{source}\
</Iptc4xmpExt:DigitalSourceType></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>"""


def with_source(jpeg: bytes, source: SourceType) -> bytes:
    """The JPEG with the property in it, its pixels untouched. The segment stands after the JFIF one, as XMP
    Specification Part 3 (JPEG) has it."""
    if not jpeg.startswith(b"\xff\xd8\xff"):
        raise ValueError("not a JPEG")
    at = 4 + int.from_bytes(jpeg[4:6], "big") if jpeg[2:4] == b"\xff\xe0" else 2
    body = _HEADER + _PACKET.format(rdf=_RDF, ext=IPTC_EXT, source=source.value).encode()
    return jpeg[:at] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + jpeg[at:]


def source_in(packet: bytes) -> str:
    """The property of an XMP packet, as an element or as an attribute; empty where there is none. The packet is
    foreign: no entity is resolved and nothing is fetched."""
    begin, end = packet.find(b"<x:xmpmeta"), packet.rfind(b"</x:xmpmeta>")
    if begin < 0 or end < 0:
        return ""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(packet[begin : end + len(b"</x:xmpmeta>")], parser)
    except etree.XMLSyntaxError:
        return ""
    for element in root.iter(f"{{{_RDF}}}Description"):
        told = element.get(_FIELD) or element.findtext(_FIELD)
        if told:
            return str(told).strip()
    return ""
