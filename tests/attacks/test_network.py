"""There is no network: sockets are refused at once, and a download tells what to use instead."""

from __future__ import annotations

import socket
import threading

from tests.attacks.conftest import Attack


def test_sockets_of_every_family_but_unix_are_refused(attack: Attack) -> None:
    """AF_INET, AF_INET6, AF_NETLINK, raw ones, AF_VSOCK, AF_ALG, AF_PACKET; localhost, too."""
    told = attack(
        "import socket, urllib.request",
        "socket.create_connection(('192.0.2.1', 80), timeout=5)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.socket(40, socket.SOCK_STREAM)  # AF_VSOCK: the host of a virtual machine",
        "socket.socket(38, socket.SOCK_SEQPACKET)  # AF_ALG",
        "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "socket.socketpair(socket.AF_INET)",
        "urllib.request.urlopen('http://localhost:1', timeout=5)",
        "a, b = socket.socketpair(); a.send(b'x'); print(b.recv(1))  # what DataLoaders need is there",
    )
    for number in range(1, 11):
        assert "Error:" in told.said(number) or "gaierror:" in told.said(number), told.said(number)
    assert told.said(11) == "b'x'\n"


def test_abstract_sockets_of_the_host_are_out_of_reach(attack: Attack) -> None:
    name = f"\0{attack.mark}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        listener.settimeout(0.2)
        told = attack(
            "import socket\nconnection = socket.socket(socket.AF_UNIX)\nconnection.connect('\\0MARK')"
        )
        assert "ConnectionRefusedError" in told.said(0) or "PermissionError" in told.said(0)
        reached = threading.Event()
        try:
            listener.accept()
            reached.set()
        except TimeoutError:
            pass
        assert not reached.is_set()


def test_downloads_say_what_to_use_instead(attack: Attack) -> None:
    """torch.hub, torchvision's weights, pip, curl: at once, and in words that help."""
    told = attack(
        "import torch; torch.hub.load('pytorch/vision', 'resnet18', trust_repo=True)",
        "import torch; torch.hub.load_state_dict_from_url('https://example.invalid/model.pth')",
        "import urllib.request; urllib.request.urlretrieve('https://example.invalid/data.csv', 'data.csv')",
        "!pip install a-package-that-nobody-has",
        "%pip install a-package-that-nobody-has",
        "!curl -sS https://example.invalid",
        "!pip --version",
        "!false",
    )
    for number in range(6):
        assert "There is no network while a notebook is graded" in told.said(number), told.said(number)
    for number in (6, 7):
        assert "There is no network" not in told.said(number)
