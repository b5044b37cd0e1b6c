"""Values under other names: every text in them, however deep, so that whatever is drawn of them names nobody."""

from enum import Enum
from typing import TypeVar, cast

import msgspec

from pxedoctor.findings.meta import Meta
from pxedoctor.model.client import Client
from pxedoctor.report.anonymous.text import Anonymous

T = TypeVar("T")

# Fields that hold a name and nothing else, or names parted by slashes (`web01/52:54:00:...`).
_NAMES = frozenset({"guest", "name", "network", "hostname", "bridge", "tap", "device", "source", "subject"})
_IDS = frozenset({"id", "target", "targets"})
# Values of pxedoctor's own, which name nothing of a host.
_OWN = (Meta, Client, Enum)


def renamed(value: T, anonymous: Anonymous) -> T:
    """The same value under other names. Bytes that a network sent are left out: nobody can tell what they name."""
    return cast("T", _renamed(value, anonymous, ""))


def _renamed(value: object, anonymous: Anonymous, field: str) -> object:
    match value:
        case str() if not isinstance(value, Enum):
            return _text(value, anonymous, field)
        case bytes():
            return b""
        case tuple():
            told = tuple(_renamed(entry, anonymous, field) for entry in value)
            return value if all(new is old for new, old in zip(told, value, strict=True)) else told
        case list():
            return [_renamed(entry, anonymous, field) for entry in value]
        case dict():
            return {_renamed(key, anonymous, ""): _renamed(entry, anonymous, "") for key, entry in value.items()}
        case msgspec.Struct() if not isinstance(value, _OWN):
            return _struct(value, anonymous)
        case _:
            return value


def _struct(value: msgspec.Struct, anonymous: Anonymous) -> msgspec.Struct:
    fields = {name: getattr(value, name) for name in value.__struct_fields__}
    changed = {name: _renamed(old, anonymous, name) for name, old in fields.items()}
    if all(changed[name] is old for name, old in fields.items()):
        return value
    return msgspec.structs.replace(value, **changed)


def _text(text: str, anonymous: Anonymous, field: str) -> str:
    if field in _NAMES:
        told = anonymous.name(text)
    elif field in _IDS:
        told = "/".join(anonymous.name(part) for part in text.split("/"))
    else:
        told = anonymous.text(text)
    return text if told == text else told
