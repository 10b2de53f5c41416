"""What a page sends: JSON and forms are told in the OpenAPI description, read up to a limit, and checked."""

from typing import Any, TypeVar
from urllib.parse import parse_qs

from fastapi import Request
from pydantic import BaseModel, ValidationError

from pipeline.errors import WebFormError
from pipeline.texts import _

_MAX_BYTES = 4 << 20
_FORM_MAX = 64 << 10
T = TypeVar("T", bound=BaseModel)


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """Return what a route whose body is a ``model`` says of it; ``openapi_extra`` takes it."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})
    content = {"application/json": {"schema": _whole(schema, parts)}}
    return {"requestBody": {"required": True, "content": content}}


async def body_of(request: Request, model: type[T]) -> T:
    """Return a request's body as what is expected there.

    Raises:
        WebFormError: it is too long, or something else.
    """
    try:
        return model.model_validate_json(await read_body(request, _MAX_BYTES))
    except ValidationError:
        raise WebFormError(reason=_("it cannot be read")) from None


def form(*names: str) -> dict[str, Any]:
    """Return how a route's form is described, for whoever reads the application's OpenAPI."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    return {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}}


async def form_of(request: Request) -> dict[str, str]:
    """Return a form's fields, without blanks around them.

    Raises:
        WebFormError: too long, or no form.
    """
    body = await read_body(request, _FORM_MAX)
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=50)
    except (UnicodeDecodeError, ValueError):
        raise WebFormError(reason=_("it cannot be read")) from None
    return {name: values[0].strip() for name, values in fields.items()}


async def read_body(request: Request, most_bytes: int) -> bytes:
    """Return a request's body.

    Raises:
        WebFormError: it is longer than ``most_bytes``.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise WebFormError(reason=_("it is too long"))
    return body


def _whole(schema: Any, parts: dict[str, Any]) -> Any:
    """Return a JSON schema with its parts where it only refers to them."""
    if isinstance(schema, list):
        return [_whole(item, parts) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _whole(parts[schema["$ref"].rpartition("/")[2]], parts)
    return {name: _whole(item, parts) for name, item in schema.items()}
