"""YAML as other programs read it, by the reader written in C: ten times as fast, and these files are hundreds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from yaml import SafeLoader as Loader
else:
    Loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class StrictLoader(Loader):
    """Refuses a key that comes twice, as Kubernetes' own reader does and PyYAML does not."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key comes twice: {keys}"
        return super().construct_mapping(node, deep=deep)


def read(text: str, loader: type[Loader] = Loader) -> Any:  # noqa: ANN401 - whatever YAML holds
    """The one document of a text."""
    return yaml.load(text, loader)  # noqa: S506 - a SafeLoader


def read_all(text: str, loader: type[Loader] = Loader) -> list[Any]:
    """All documents of a text."""
    return list(yaml.load_all(text, loader))
