"""Who gets in: addresses that leave the machine are encrypted, and strangers are refused."""

import asyncio
import stat
from pathlib import Path

import pytest

from pipeline.cluster.certificates import make_certificates
from pipeline.cluster.crew import Crew
from pipeline.cluster.doors import address_of, security_for
from pipeline.cluster.likeness import require_alike
from pipeline.errors import BadAddressError, CertificatesError, ForeignWorkerError, NoTlsError


@pytest.mark.parametrize(
    "text", ["tcp://192.0.2.1:8786", "192.0.2.1:8786", "tcp://0.0.0.0:1", "tcp://host:1", "tls://127.0.0.1:1"]
)
def test_what_leaves_the_machine_is_encrypted(text: str) -> None:
    with pytest.raises(NoTlsError):
        address_of(text, None)


def test_certificates_are_not_given_for_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoTlsError):
        address_of("tcp://127.0.0.1:1", tmp_path)


@pytest.mark.parametrize("text", ["http://host:1", "tls://", "tls://host:99999", "tls://host:1/path", ""])
def test_what_is_no_address(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadAddressError):
        address_of(text, tmp_path)


@pytest.mark.parametrize(
    ("text", "has_certificates", "address"),
    [
        ("127.0.0.1:9", False, "tcp://127.0.0.1:9"),
        ("localhost", False, "tcp://localhost:8786"),
        ("tcp://[::1]:9", False, "tcp://[::1]:9"),
        ("host:9", True, "tls://host:9"),
        ("tls://192.0.2.1", True, "tls://192.0.2.1:8786"),
    ],
)
def test_addresses(text: str, has_certificates: bool, address: str, tmp_path: Path) -> None:
    assert str(address_of(text, tmp_path if has_certificates else None)) == address


def test_certificates_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    for path in make_certificates(tmp_path / "c"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(CertificatesError):
        make_certificates(tmp_path / "c")
    with pytest.raises(CertificatesError):
        security_for(tmp_path)


def test_strangers_are_refused(tmp_path: Path) -> None:
    from distributed.comm import connect, listen

    make_certificates(tmp_path / "ours")
    make_certificates(tmp_path / "theirs")
    ours, theirs = security_for(tmp_path / "ours"), security_for(tmp_path / "theirs")

    async def can_speak(address: str, args: dict[str, object]) -> bool:
        try:
            async with asyncio.timeout(5):
                comm = await connect(address, timeout=2, **args)
                await comm.write("hello")
                answer = await comm.read()
                await comm.close()
        except (OSError, TimeoutError, RuntimeError):
            return False
        return bool(answer == "hello")

    async def echo(comm: object) -> None:
        await comm.write(await comm.read())  # type: ignore[attr-defined]

    async def tried() -> list[bool]:
        async with listen("tls://127.0.0.1:0", echo, **ours.get_listen_args("scheduler")) as listener:
            where = listener.contact_address
            plain = await can_speak(where.replace("tls", "tcp"), {})
            strange = await can_speak(where, theirs.get_connection_args("worker"))
            return [plain, strange, await can_speak(where, ours.get_connection_args("worker"))]

    assert asyncio.run(tried()) == [False, False, True]


def test_a_machine_that_differs_is_told_in_what() -> None:
    here = {"ffmpeg": "7.1", "weike": "0.1.0", "av": "18.1.0"}
    require_alike(here, dict(here))
    with pytest.raises(ForeignWorkerError) as caught:
        require_alike(here, {**here, "ffmpeg": "5.1.9", "av": "18.2.0"})
    assert "ffmpeg is 7.1 here and 5.1.9 there; av is 18.1.0 here and 18.2.0 there" in caught.value.message.show()
    assert caught.value.exit_code == 4


def test_cores_recognise_speech_only_where_nobody_has_a_gpu() -> None:
    crew = Crew()
    cores = crew.add("a", "a", "cpu")
    assert crew.offers(cores) == ("cpu", "speech")
    gpu = crew.add("b", "b", "gpu")
    assert (crew.offers(cores), crew.offers(gpu)) == (("cpu",), ("speech",))
    assert crew.free == [gpu, cores]
    crew.remove("b")
    assert crew.offers(cores) == ("cpu", "speech")
    assert gpu.gone.is_set()
