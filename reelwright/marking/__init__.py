"""Machine-readable marks in delivered files: C2PA manifests, and IPTC's digital source type in pictures.

`c2pa` is loaded by the functions that use it: its library is 50 MB.
"""
