"""What a page sends: JSON is told in the application's OpenAPI description, read up to a limit, and checked."""

from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from pipeline.errors import WebFormError
from pipeline.texts import _

_MAX_BYTES = 4 << 20
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
