"""Resumable uploads as tus 1.0 has them: creation, offset, blocks, expiry, termination.

Source: tus.io, resumable upload protocol 1.0.0.
"""

import asyncio
import base64
import binascii
import os
from contextlib import suppress
from email.utils import formatdate
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from pipeline.errors import UploadGoneError, UploadRefusedError
from pipeline.texts import _
from pipeline.web.work.uploads import Upload
from pipeline.web.workplace import Desk, desk_of, owner_of_request

VERSION = "1.0.0"
_BLOCK = 1 << 20
"""Bytes that are gathered before they go to the disk."""
_SYNC = 32 << 20
"""Bytes after which the disk is made to keep them."""
_BYTES = "application/offset+octet-stream"
router = APIRouter(prefix="/uploads", tags=["uploads"])


def _told(*names: str) -> list[dict[str, Any]]:
    """Return how a route's own headers are described."""
    return [{"name": name, "in": "header", "schema": {"type": "string"}} for name in names]


@router.options("")
async def understood(request: Request) -> Response:
    """Say what is understood."""
    most = desk_of(request).settings.upload_max_bytes
    said = {"Tus-Version": VERSION, "Tus-Extension": "creation,expiration,termination", "Tus-Max-Size": str(most)}
    return Response(status_code=204, headers=_headers(said))


@router.post("", status_code=201, openapi_extra={"parameters": _told("Upload-Length", "Upload-Metadata")})
async def create(request: Request) -> Response:
    """Begin an upload; everything that speaks against it is said before the first byte."""
    desk = desk_of(request)
    length = request.headers.get("upload-length", "")
    if not (length.isascii() and length.isdigit()) or len(length) > 15:
        raise UploadRefusedError("", reason=_("its size is not given"))
    name = _metadata(request.headers.get("upload-metadata", "")).get("filename", "recording")
    upload = await asyncio.to_thread(desk.uploads.begin, owner_of_request(request), name, int(length))
    said = {"Location": f"/uploads/{upload.id}", "Upload-Expires": formatdate(desk.uploads.ends_s(upload), usegmt=True)}
    return Response(status_code=201, headers=_headers(said))


@router.head("/{upload_id}")
async def offset(request: Request, upload_id: str) -> Response:
    """Say how much has arrived."""
    desk = desk_of(request)
    upload = desk.uploads.find(upload_id, owner_of_request(request))
    return Response(status_code=200, headers=_headers(_standing(desk, upload)))


@router.patch(
    "/{upload_id}",
    status_code=204,
    openapi_extra={
        "parameters": _told("Upload-Offset"),
        "requestBody": {"content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}}},
    },
)
async def more(request: Request, upload_id: str) -> Response:
    """Take the next bytes; those that have arrived stay, whatever happens to the line."""
    desk = desk_of(request)
    upload = desk.uploads.find(upload_id, owner_of_request(request))
    if request.headers.get("content-type") != _BYTES:
        return Response(status_code=415, headers=_headers({}))
    if upload.id in desk.receiving:
        return Response(status_code=423, headers=_headers({}))
    if request.headers.get("upload-offset") != str(desk.uploads.offset(upload)):
        return Response(status_code=409, headers=_headers(_standing(desk, upload)))
    desk.receiving.add(upload.id)
    try:
        await _receive(request, desk.uploads.path(upload), upload.length)
    finally:
        desk.receiving.discard(upload.id)
    return Response(status_code=204, headers=_headers(_standing(desk, upload)))


@router.delete("/{upload_id}", status_code=204)
async def drop(request: Request, upload_id: str) -> Response:
    """Remove an upload that belongs to no lecture."""
    desk = desk_of(request)
    upload = desk.uploads.find(upload_id, owner_of_request(request))
    if upload.id in desk.shelf.used_uploads() or upload.id in desk.receiving:
        raise UploadGoneError
    await asyncio.to_thread(desk.uploads.drop, upload.id)
    return Response(status_code=204, headers=_headers({}))


async def _receive(request: Request, path: Path, length: int) -> None:
    """Append the body to a file, never past ``length`` bytes; what is held in memory is one block."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        room, held, unsynced = length - os.fstat(descriptor).st_size, bytearray(), 0
        with suppress(ClientDisconnect):
            async for chunk in request.stream():
                held += chunk[: max(0, room - len(held))]
                if len(held) >= _BLOCK:
                    room, unsynced = room - len(held), unsynced + len(held)
                    await asyncio.to_thread(_write, descriptor, bytes(held))
                    held.clear()
                if unsynced >= _SYNC:
                    await asyncio.to_thread(os.fsync, descriptor)
                    unsynced = 0
        await asyncio.to_thread(_write, descriptor, bytes(held))
    finally:
        await asyncio.shield(asyncio.to_thread(os.fsync, descriptor))
        os.close(descriptor)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _standing(desk: Desk, upload: Upload) -> dict[str, str]:
    return {
        "Upload-Offset": str(desk.uploads.offset(upload)),
        "Upload-Length": str(upload.length),
        "Upload-Expires": formatdate(desk.uploads.ends_s(upload), usegmt=True),
    }


def _headers(said: dict[str, str]) -> dict[str, str]:
    return {"Tus-Resumable": VERSION, "Cache-Control": "no-store", **said}


def _metadata(header: str) -> dict[str, str]:
    found = {}
    for pair in header.split(","):
        key, _space, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found
