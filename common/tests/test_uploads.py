"""What is taken as an attachment, judged by content."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from common.errors import Invalid
from common.uploads import harmless_name, inspect

UPLOADS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "malicious" / "uploads"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("shot.png", PNG, "image/png"),
        ("photo.JPG", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 40, "image/jpeg"),
        ("paper.pdf", b"%PDF-1.7\n" + b"x" * 40, "application/pdf"),
        ("sheet.xlsx", b"PK\x03\x04" + b"\x00" * 40, "application/zip"),
        ("log.gz", b"\x1f\x8b\x08\x00" + b"\x00" * 40, "application/gzip"),
        ("app.log", "Fehler: Größe".encode(), "text/plain; charset=utf-8"),
        ("old.csv", "Größe;1".encode("latin-1"), "text/plain; charset=utf-8"),
        ("noname", b"plain words", "text/plain; charset=utf-8"),
    ],
)
def test_accepted(name, content, content_type):
    found = inspect(SimpleUploadedFile(name, content))
    assert (found.content_type, found.size) == (content_type, len(content))
    assert len(found.sha256) == 64


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.txt", b"", "file_empty"),
        ("setup.exe", b"MZ" + b"\x00" * 40, "file_type"),
        ("innocent.png", b"MZ" + b"\x00" * 40, "file_type"),
        ("tool", b"\x7fELF" + b"\x00" * 40, "file_type"),
        ("run.txt", b"#!/bin/sh\nrm -rf /", "file_type"),
        ("page.html", b"<p>hello", "file_type"),
        ("page.txt", b"<!DOCTYPE html><script>x</script>", "file_type"),
        ("picture.svg", b"<svg onload='x'/>", "file_type"),
        ("picture.txt", b"<svg onload='x'/>", "file_type"),
        ("picture.txt", PNG, "file_type"),
        ("video.mp4", b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 40, "file_type"),
    ],
)
def test_refused_by_a_reason(name, content, code):
    with pytest.raises(Invalid) as refused:
        inspect(SimpleUploadedFile(name, content))
    assert refused.value.code == code


def test_too_large_is_refused(settings):
    settings.PORTAL_ATTACHMENT_LIMIT_BYTES = 10
    with pytest.raises(Invalid) as refused:
        inspect(SimpleUploadedFile("a.txt", b"x" * 11))
    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("a\u202egpj.exe", "agpj.exe"),
        ('"quoted"<b>.txt', "_quoted__b_.txt"),
        ("\x00\x01", "file"),
        ("..", "file"),
    ],
)
def test_names_are_made_harmless(given, kept):
    assert harmless_name(given) == kept


@pytest.mark.skipif(not UPLOADS.is_dir(), reason="../shared/data is not here")
def test_hostile_files_are_refused_or_served_as_plain_bytes():
    expected = [json.loads(line) for line in (UPLOADS.parent / "uploads.jsonl").read_text().splitlines()]
    for row in expected:
        path = UPLOADS.parent / row["file"]
        try:
            found = inspect(SimpleUploadedFile(path.name, path.read_bytes()))
        except Invalid:
            continue
        assert not found.content_type.startswith(("text/html", "image/svg"))
