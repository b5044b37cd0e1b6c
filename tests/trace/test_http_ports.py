"""By which ports a guest may fetch: from settings first, and then from what it is told."""

from pxedoctor.model.traced import HeardFrame
from pxedoctor.trace.http_ports import HttpPorts


def told(text: bytes) -> HeardFrame:
    content = bytes(42) + text
    return HeardFrame(at=1.0, device="br0", direction="out", content=content, length=len(content))


def test_what_an_offer_names_is_learnt_once() -> None:
    ports = HttpPorts((8081,))
    assert ports.all == (80, 8080, 8081)
    assert not ports.learn([told(b"pxelinux.0"), told(b"http://10.0.0.1:8081/x")])
    assert ports.learn([told(b"http://10.0.0.1:8090/x")])
    assert not ports.learn([told(b"http://10.0.0.1:8090/x")])
    assert ports.named == (8081, 8090)


def test_whoever_names_many_is_followed_to_some() -> None:
    ports = HttpPorts(())
    assert ports.learn([told(f"http://a:{number}/".encode()) for number in range(1000, 1100)])
    assert ports.named == tuple(range(1000, 1008))
    assert not ports.learn([told(b"http://a:2000/")])
