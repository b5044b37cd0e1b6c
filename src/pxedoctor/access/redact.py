"""Takes secrets out of a text before it is kept: what it was stays to be seen, its value does not.

Cut: attributes that hold a password or a secret (graphics' passwd, qemu:env, qemu:arg's that are no network options);
text that is handed to the guest (kernel command line, SMBIOS and fw_cfg entries, where systemd credentials and ignition
files travel); cookies of network disks; and in any text `user:password@host`, `password=...`, `Bearer ...` and private
keys. What is cut becomes `*****`. A libvirt <secret> is only ever referred to by its UUID, which is no secret.
"""

import re

_STARS = "*****"
# Every repetition has a bound, so that no text makes the search slower than its length.
_GAP = r"\s{0,20}"
_ELEMENTS = r"(?i)(<(cmdline|entry|cookie|master_?key|session|dhCert)\b[^<>]{0,500}(?<!/)>)[^<]+(</\2\s{0,20}>)"
_QUOTED = r"""('[^']*'|"[^"]*")"""
_ATTRIBUTES = rf"(?i)((?:passw|passphrase|secret_?key|token)[\w.-]{{0,40}}{_GAP}={_GAP}){_QUOTED}"
_ENVIRONMENT = rf"(?i)(<[\w.-]{{0,40}}:env\b[^<>]{{0,500}}\bvalue{_GAP}={_GAP}){_QUOTED}"
_ARGUMENT = rf"(?i)(<[\w.-]{{0,40}}:arg\s{{1,20}}value{_GAP}={_GAP}){_QUOTED}"
# Words of QEMU's command line that say how a guest is wired up and what it boots; and any option's own name.
_WIRING = (
    r"-[\w-]+|(tap|bridge|user|vhost-user|hubport|nic|(virtio-net|e1000|rtl8139)[\w-]*)(,[^\n]*)?|(order|menu)=[^\n]*"
)
_WORDS = r"(?:password|passwd|passphrase|secret|token|api[_-]?key)"
# What a value of theirs must follow: a text of libvirt may name `sev-inject-launch-secret` and hold no secret.
_BEFORE_A_VALUE = _WORDS + r"""(?:["']?\s{0,20}[:=]|\s)"""
_BY_NAME = rf"(?i)((?<![a-z]){_WORDS}[\"']?{_GAP}[:=]{_GAP}[\"']?)([^\s,;'\"<>&]+)"
_ANYWHERE = (
    r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://[^\s/:@'\"<>]{0,200}:)([^\s/@'\"<>]{1,200})(?=@)",
    _BY_NAME,
    rf"(?i)(--?{_WORDS}\s{{1,20}})([^\s-]\S*)",
    r"(\b(?:Bearer|Basic)\s{1,20})([A-Za-z0-9+/=._~-]{8,})",
)
# One of these is in every text that the pattern of that name matches. Most texts hold none, and looking for a plain
# word costs a hundredth of the search; a pattern that no text needs is not even compiled.
_ELEMENT_SIGNS = ("<cmdline", "<entry", "<cookie", "<master", "<session", "<dhcert")
_ENVIRONMENT_SIGNS = (":env",)
_ARGUMENT_SIGNS = (":arg",)
_KEYWORDS = ("password", "passwd", "passphrase", "secret", "token", "api_key", "api-key", "apikey")
_ATTRIBUTE_SIGNS = ("passw", "passphrase", "secretkey", "secret_key", "token")
_ANYWHERE_SIGNS = (("@",), _KEYWORDS, _KEYWORDS, ("bearer", "basic"))
# A line of a network configuration that holds a key of a Wi-Fi, a modem or a tunnel: `psk=X`, `wpa-psk X`.
_KEY_LINE = (
    r"""(?im)^([ \t]{0,80}["']?[\w.-]{0,40}"""
    r"""(?:psk|passw|passphrase|secret|private|wep[-_]|wireless[-_]key|\bkey\b|\bpin\b)"""
    r"""[\w.-]{0,40}["']?[ \t]{0,20}[=: \t][ \t]{0,20})(?=\S)[^\n]+$"""
)
_PRIVATE_KEY_SIGNS = ("private key-----",)
_PRIVATE_KEY = r"(?s)-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)"


def without_secrets(xml: str) -> str:
    """libvirt's XML without its secrets, in its own layout."""
    lower = xml.lower()
    if _holds(lower, _ELEMENT_SIGNS):
        xml = re.sub(_ELEMENTS, rf"\1{_STARS}\3", xml)
    if _holds(lower, _ARGUMENT_SIGNS):
        xml = re.sub(_ARGUMENT, _argument, xml)
    if _holds(lower, _ENVIRONMENT_SIGNS):
        xml = re.sub(_ENVIRONMENT, rf"\1'{_STARS}'", xml)
    if _holds(lower, _ATTRIBUTE_SIGNS):
        xml = _cut(_ATTRIBUTES, _ATTRIBUTE_SIGNS, rf"\1'{_STARS}'", xml)
    return without_credentials(xml)


def without_credentials(text: str) -> str:
    """Any text (log lines, command lines, configuration) without the credentials that can be told by their form."""
    lower = text.lower()
    if _holds(lower, _PRIVATE_KEY_SIGNS):
        text = re.sub(_PRIVATE_KEY, _STARS, text)
    has_values = _finds(_BEFORE_A_VALUE, _KEYWORDS, lower)
    for pattern, signs in zip(_ANYWHERE, _ANYWHERE_SIGNS, strict=True):
        if signs is not _KEYWORDS and _holds(lower, signs):
            text = re.sub(pattern, rf"\1{_STARS}", text)
        elif signs is _KEYWORDS and has_values:
            text = _cut(pattern, signs if pattern == _BY_NAME else (), rf"\1{_STARS}", text)
    return text


def without_keys(text: str) -> str:
    """A network configuration of any system, line by line, without its credentials and keys."""
    return re.sub(_KEY_LINE, rf"\1{_STARS}", without_credentials(text))


def _finds(pattern: str, words: tuple[str, ...], lower: str) -> bool:
    """As re.search, for a pattern that begins with one of the words."""
    search = re.compile(pattern)
    return any(search.match(lower, start) for start in _starts(words, lower))


def _cut(pattern: str, words: tuple[str, ...], new: str, text: str) -> str:
    """As re.sub, for a pattern that begins with one of the words, of any case; no words: it may begin anywhere.

    A search that heeds no case looks at every letter: of a running guest's definition that is half a millisecond.
    """
    # Beyond ASCII more letters are one without their case than str.lower makes one.
    if not words or not text.isascii():
        return re.sub(pattern, new, text)
    search, pieces, done = re.compile(pattern), list[str](), 0
    for start in _starts(words, text.lower()):
        match = search.match(text, start) if start >= done else None
        if match is not None:
            pieces += (text[done:start], match.expand(new))
            done = match.end()
    return "".join((*pieces, text[done:]))


def _starts(words: tuple[str, ...], lower: str) -> list[int]:
    """Where the words begin, in the text's order."""
    found = set[int]()
    for word in words:
        start = lower.find(word)
        while start >= 0:
            found.add(start)
            start = lower.find(word, start + 1)
    return sorted(found)


def _holds(lower: str, signs: tuple[str, ...]) -> bool:
    return any(sign in lower for sign in signs)


def _argument(match: re.Match[str]) -> str:
    value = match.group(2)[1:-1]
    return match.group(0) if re.fullmatch(_WIRING, value) else f"{match.group(1)}'{_STARS}'"
