"""`/formats`: the output formats that reports can be rendered in."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from api import examples
from api.permissions import Guarded
from api.problems import documented
from mrrt.render import FORMATS

router = APIRouter(prefix="/formats", tags=["reports"], route_class=Guarded)


class FormatView(BaseModel):
    """An output format: its name for `?format=`, the media type, and how names of files in it end."""

    model_config = ConfigDict(frozen=True)

    name: str
    media_type: str
    suffix: str


EXAMPLE = [{"name": "text", "media_type": "text/plain; charset=utf-8", "suffix": ".txt"}]


@router.get("", responses={200: examples.response(EXAMPLE), **documented()})
def list_formats() -> list[FormatView]:
    """List the output formats of reports."""
    return [FormatView(name=name, media_type=one.media_type, suffix=one.suffix) for name, one in FORMATS.items()]
