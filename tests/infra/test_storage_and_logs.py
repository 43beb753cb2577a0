"""Files are written whole under keys of our own; logs carry no secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.infra import logs
from app.infra.storage import Storage


def test_a_file_is_written_whole_and_read_back(tmp_path: Path) -> None:
    store = Storage(tmp_path)
    store.write("ab/cd.webp", b"one")
    store.write("ab/cd.webp", b"two")
    assert store.read("ab/cd.webp") == b"two"
    assert store.exists("ab/cd.webp")
    assert [path.name for path in (tmp_path / "ab").iterdir()] == ["cd.webp"]
    store.delete("ab/cd.webp")
    store.delete("ab/cd.webp")
    assert not store.exists("ab/cd.webp")


@pytest.mark.parametrize(
    "key",
    ["../x", "a/../../x", "/etc/passwd", "a//b", "", "A.webp", "a\\b", "a\x00", ".hidden", "a.b.c"],
)
def test_a_name_from_outside_never_reaches_the_path(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="storage key"):
        Storage(tmp_path).read(key)


def test_a_failed_write_leaves_no_part(tmp_path: Path) -> None:
    store = Storage(tmp_path)
    with pytest.raises(TypeError):
        store.write("a", "text")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_blacked_out() -> None:
    event = {"event": "sign_in", "password": "rahasia", "csrf_token": "x", "user_id": 3}
    assert logs.redact(None, "info", event) == {
        "event": "sign_in",
        "password": "[redacted]",
        "csrf_token": "[redacted]",
        "user_id": 3,
    }
