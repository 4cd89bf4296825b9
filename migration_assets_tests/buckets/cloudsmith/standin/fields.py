"""What is wrong with a request's fields, as the models of the installed official client say."""

import inspect
from functools import lru_cache
from typing import Any

#: as the types of the models are written
_KINDS: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "bool": bool,
    "int": int,
    "float": (int, float),
    "object": dict,
}


@lru_cache
def model(name: str) -> Any:
    import cloudsmith_api

    return getattr(cloudsmith_api.models, name, None)


@lru_cache
def formats() -> tuple[str, ...]:
    """Every format that has an upload, as the URL has it."""
    import cloudsmith_api

    end = "PackageUploadRequest"
    return tuple(
        sorted(name[: -len(end)].lower() for name in dir(cloudsmith_api.models) if name.endswith(end))
    )


def upload_request(format: str) -> str:
    """The model's name for a format; empty where there is none."""
    return f"{format.capitalize()}PackageUploadRequest" if format in formats() else ""


@lru_cache
def required(name: str) -> frozenset[str]:
    kind, instance = model(name), _blank(name)
    given = inspect.signature(kind.__init__).parameters
    found: set[str] = set()
    for field in kind.swagger_types:
        if given[field].default is not None:
            continue
        try:
            setattr(instance, field, None)
        except ValueError:
            found.add(field)
    return frozenset(found)


def wrong(name: str, said: Any) -> dict[str, list[str]]:
    """Sentences by field; empty where the model takes it. Unknown fields are passed over, as there."""
    if not isinstance(said, dict):
        return {"non_field_errors": ["Invalid data. Expected a dictionary."]}
    kind, instance = model(name), _blank(name)
    found: dict[str, list[str]] = {}
    for field, type_name in kind.swagger_types.items():
        value = said.get(kind.attribute_map[field])
        if value is None:
            if field in required(name):
                found[field] = ["This field is required."]
            continue
        expected = _KINDS.get(type_name)
        if type_name.startswith("list["):
            expected = list
        if expected and not isinstance(value, expected):
            found[field] = [f"Not a valid {type_name}."]
            continue
        try:
            setattr(instance, field, value)
        except ValueError as error:
            found[field] = [str(error)]
    return found


def _blank(name: str) -> Any:
    """An instance that has its checks, and nothing checked yet."""
    import cloudsmith_api

    kind = model(name)
    instance = kind.__new__(kind)
    configuration = cloudsmith_api.Configuration()
    configuration.client_side_validation = True
    instance._configuration = configuration
    for field in kind.swagger_types:
        setattr(instance, f"_{field}", None)
    return instance
