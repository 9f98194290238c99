"""`/events`: a stream of server-sent events (HTML Living Standard section 9.2) about everything that changes."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.types import Receive, Scope, Send

from api import examples_events
from api.deps import ContextDep
from api.permissions import Guarded, still_admitted
from api.problems import documented
from mrrt.errors import UsageError
from reporting.draft import Printable
from reporting.events import Event, Feed

router = APIRouter(tags=["events"], route_class=Guarded)
_BEAT = 15.0
"""Seconds of silence after which a comment says that the line is still there."""
_SLOW = 30.0
"""Seconds that a client may take for one piece before it is dropped."""
_TRUSTED = 5.0
"""Seconds after which it is asked again whether the listener may still hear what comes."""
_NUMBER = re.compile(r"[0-9]{1,15}")


class EventStream(Response):
    """Events until the client goes or may not hear them any more, the time is over, or the server ends."""

    media_type = "text/event-stream"

    def __init__(
        self,
        feed: Feed,
        after: int | None,
        report: str | None,
        seconds: float,
        ending: asyncio.Event,
        may_hear: Callable[[], Awaitable[bool]],
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}, media_type=self.media_type)
        del self.headers["content-length"]
        self._feed, self._after, self._report = feed, after, report
        self._until = time.monotonic() + seconds
        self._ending = ending
        self._may_hear = may_hear
        self._asked = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        gone = asyncio.create_task(_gone(receive))
        ended = asyncio.create_task(self._ending.wait())
        latest = await self._feed.enter()
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for piece in self._pieces(latest, gone, ended):
                body = {"type": "http.response.body", "body": piece.encode(), "more_body": True}
                async with asyncio.timeout(_SLOW):  # wait_for of Python 3.11 can swallow a cancellation
                    await send(body)
            async with asyncio.timeout(_SLOW):
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            return  # a client that does not read is dropped; it comes again with the last id that it saw
        finally:
            self._feed.leave()
            for task in (gone, ended):
                task.cancel()

    async def _pieces(self, latest: int, *ends: asyncio.Task[object]) -> AsyncIterator[str]:
        number = latest if self._after is None else min(self._after, latest)
        yield f"retry: 2000\nid: {number}\n\n"
        while not any(task.done() for task in ends):
            news = self._feed.news
            events, reached = await self._feed.after(number)
            pieces = [_piece(event) for event in events if self._report in (None, event.report)]
            if not await self._is_trusted():
                return
            if pieces:
                yield "".join(pieces)
            elif reached == number and not await self._wait(news, ends):
                yield ": still here\n\n"
            if reached == number and time.monotonic() >= self._until:
                return
            number = reached

    async def _is_trusted(self) -> bool:
        now = time.monotonic()
        if now - self._asked < _TRUSTED:
            return True
        self._asked = now
        return await self._may_hear()

    async def _wait(self, news: asyncio.Event, ends: tuple[asyncio.Task[object], ...]) -> bool:
        """Wait for news or an end; False if there was silence for so long that a sign of life is due."""
        waiting = asyncio.create_task(news.wait())
        seconds = max(0.0, min(_BEAT, self._until - time.monotonic()))
        done, _ = await asyncio.wait({waiting, *ends}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        return bool(done) or time.monotonic() >= self._until


@router.get(
    "/events",
    response_class=Response,
    responses={200: examples_events.STREAM, **documented()},
)
async def follow_events(
    request: Request,
    context: ContextDep,
    report: Annotated[Printable | None, Query(description="id of the only report that matters")] = None,
    last_event_id: Annotated[str | None, Header(max_length=20, description="id of the last event that arrived")] = None,
) -> Response:
    """Follow what changes: reports, documents, templates and jobs, each with ids, version, status and actor alone.

    The stream begins with what follows `Last-Event-ID`, else with what comes from now on. It ends after a while, as
    browsers expect; the client comes again with the last id, and misses nothing. It ends, too, when the session or
    the token does, or the role is taken away; a session does not last longer for it.
    """
    if last_event_id and not _NUMBER.fullmatch(last_event_id):
        raise UsageError("Last-Event-ID takes the id of an event, a number")
    after = int(last_event_id) if last_event_id else None
    ending = getattr(request.app.state, "stopping", None) or asyncio.Event()
    seconds = context.settings.events_seconds
    return EventStream(context.feed, after, report, seconds, ending, partial(still_admitted, request))


def _piece(event: Event) -> str:
    return f"id: {event.id}\nevent: {event.type}\ndata: {event.model_dump_json(exclude_none=True)}\n\n"


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
