"""A page that somebody wants to import, looked over: what is wrong in which line, what can be mended, how it looks."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from mrrt.check import checked
from mrrt.mend import mend
from mrrt.parse.source import decode
from mrrt.problems import Problem
from mrrt.safe_html import safe_html
from mrrt.template import Field


class Mend(BaseModel):
    """One thing that was mended, with its line in the source."""

    model_config = ConfigDict(frozen=True)

    rule: str
    line: int | None
    message: str


class PageView(BaseModel):
    """A page: its text, its problems by the lines of that text, and the same of its mended version.

    `mended` is null where nothing can be mended; `form` is its body as safe HTML, as a reader of a report sees it.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    identifier: str
    fields: tuple[Field, ...]
    text: str
    problems: tuple[Problem, ...]
    mended: str | None
    done: tuple[Mend, ...]
    left: tuple[Problem, ...]
    form: str


def page_view(page: bytes, profile: Literal["tolerant", "mrrt"] = "tolerant") -> PageView:
    """Return a page looked over. Raises Unreadable on what is no template."""
    template, problems = checked(page, "page", profile)
    mended = mend(page, "page", profile)
    return PageView(
        title=template.title,
        identifier=template.identifier,
        fields=template.fields,
        text=decode(page, "page").text,
        problems=problems,
        mended=mended.text if mended.done else None,
        done=tuple(Mend(rule=one.rule, line=one.line, message=one.what) for one in mended.done),
        left=mended.left,
        form=safe_html(page, template),
    )
