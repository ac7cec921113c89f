"""A real registry of this machine, with an image in it that takes a moment to come."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import time
from typing import TYPE_CHECKING, Self

from tests.e2e.wizard import free_port, get

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.compose.engine import Engine

MIB = 2**20
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def program() -> str | None:
    """The registry's program, by either of its names."""
    return shutil.which("docker-registry") or shutil.which("registry")


class LocalRegistry:
    """Listens on the loopback while it is entered."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.address = f"127.0.0.1:{free_port()}"

    def __enter__(self) -> Self:
        place, words = self._place, program()
        assert words is not None
        (place / "config.yml").write_text(
            f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {place}/data}}}}\n"
            f"http: {{addr: '{self.address}'}}\n"
        )
        with (place / "log").open("wb") as log:
            self._child = subprocess.Popen([words, "serve", str(place / "config.yml")], stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while not self._answers():
            assert self._child.poll() is None, (place / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self._child.terminate()
        self._child.wait(10)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            return get(f"http://{self.address}/v2/")[0] == 200
        return False

    def stock(self, engine: Engine, folder: Path, name: str, layers: int, mebibytes: int) -> str:
        """Puts an image of layers that cannot be compressed here, not on the engine; returns its name.

        It is not built: what a builder keeps would be there already when the image is pulled, and to empty its cache
        would take what other people made on this machine.
        """
        image = f"{self.address}/{name}"
        file = folder / "image.tar"
        _image_file(file, image, [_layer(number, mebibytes) for number in range(layers)])
        assert engine.docker("load", "--input", str(file)).code == 0
        assert engine.docker("push", image).code == 0
        engine.names("image", "rm", image)
        return image


def _layer(number: int, mebibytes: int) -> bytes:
    return _tar({f"layer{number}": os.urandom(mebibytes * MIB)})


def _image_file(file: Path, image: str, layers: list[bytes]) -> None:
    """An image as ``docker save`` writes it (image spec 1.2: manifest.json, the configuration, the layers)."""
    digests = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
    rootfs = {"type": "layers", "diff_ids": digests}
    config = {"architecture": _MACHINES[os.uname().machine], "os": "linux", "rootfs": rootfs}
    names = [f"{number}/layer.tar" for number in range(len(layers))]
    manifest = [{"Config": "config.json", "RepoTags": [image], "Layers": names}]
    texts = {"manifest.json": json.dumps(manifest).encode(), "config.json": json.dumps(config).encode()}
    file.write_bytes(_tar(texts | dict(zip(names, layers, strict=True))))


def _tar(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return held.getvalue()
