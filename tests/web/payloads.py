"""Markup that would call `hit(number)` if any page of ours took it for more than text: one payload for each known way.

Written for these tests after the kinds that the HTML standard allows: script elements, event handlers, addresses with a
scheme that runs, foreign content, ways out of attributes, texts and comments, and what parsers repair into markup.
"""

from __future__ import annotations

from collections.abc import Iterator

_H = "hit(%d)"
_HANDLERS = (
    f"<img src=x onerror={_H}>",
    f"<img src=x onerror='{_H}'>",
    f"<IMG SRC=x OnErRoR={_H}>",
    f"<img/src=x/onerror={_H}>",
    f"<img src=x\nonerror\n=\n{_H}>",
    f"<img src onerror={_H}",
    f"<image src=x onerror={_H}>",
    f"<img srcset=x onerror={_H}>",
    f"<svg onload={_H}>",
    f"<svg/onload={_H}//",
    f"<svg><g onload={_H}></g></svg>",
    f"<svg><animate onbegin={_H} attributeName=x dur=1s>",
    f"<svg><set onbegin={_H} attributename=x to=y>",
    f"<svg><script>{_H}</script></svg>",
    f"<svg><script href=data:text/javascript,{_H} />",
    f"<svg><a><rect width=99 height=99 /><animate attributeName=href values=javascript:{_H} /></a></svg>",
    f"<svg><use href=\"data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><image href='x' "
    f"onerror='{_H}'/></svg>#x\">",
    f"<svg><foreignObject><body onload={_H}></foreignObject></svg>",
    f"<svg><desc><img src=x onerror={_H}></desc></svg>",
    f"<svg><style><img src=x onerror={_H}></style></svg>",
    f"<math><mtext><img src=x onerror={_H}></mtext></math>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={_H}></style></mglyph></table></mtext></math>",
    f"<math><annotation-xml encoding=text/html><img src=x onerror={_H}></annotation-xml></math>",
    f"<math href=javascript:{_H}><mi>x</mi></math>",
    f"<body onload={_H}>",
    f"<video src=x onerror={_H}></video>",
    f"<video><source onerror={_H}></video>",
    f"<audio src=x onerror={_H}></audio>",
    f"<input autofocus onfocus={_H}>",
    f"<select autofocus onfocus={_H}></select>",
    f"<textarea autofocus onfocus={_H}></textarea>",
    f"<button autofocus onfocus={_H}>x</button>",
    f"<a href=x autofocus tabindex=0 onfocus={_H}>x</a>",
    f"<div tabindex=0 autofocus onfocus={_H}>x</div>",
    f"<details open ontoggle={_H}>x</details>",
    f"<marquee onstart={_H}>x</marquee>",
    f"<object data=x onerror={_H}></object>",
    f"<link rel=stylesheet href=x onerror={_H}>",
    f"<script src=x onerror={_H}></script>",
    f"<style onload={_H}></style>",
    f"<iframe onload={_H}></iframe>",
    f"<dialog open onclose={_H}><form method=dialog><button autofocus>x</button></form></dialog>",
    f"<p style='animation: x 1s' onanimationstart={_H}>x</p><style>@keyframes x {{from {{opacity: 0}}}}</style>",
    f"<p id=x style='transition: color 1s' ontransitionrun={_H}>x</p>",
    f"<xss contenteditable autofocus onfocus={_H} tabindex=1>x</xss>",
)
_SCRIPTS = (
    f"<script>{_H}</script>",
    f"<SCRIPT>{_H}</SCRIPT>",
    f"<script >{_H}</script >",
    f"<script\x0c>{_H}</script>",
    f"<scr<script>ipt>{_H}</scr</script>ipt>",
    f"<script type=module>{_H}</script>",
    f"<script src=data:text/javascript,{_H}></script>",
    f"<template shadowrootmode=open><script>{_H}</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror={_H}>'>",
    f"<frameset onload={_H}>",
    f"<base href='javascript:{_H}//'><a href='#'>x</a>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_H}'>",
    f"<meta http-equiv=refresh content='0;url=data:text/html,<script>{_H}</script>'>",
    f"{{{{constructor.constructor('{_H}')()}}}}",
    f"${{{_H}}}",
)
_ADDRESSES = (
    f"<iframe src=javascript:{_H}></iframe>",
    f"<iframe src='java\tscript:{_H}'></iframe>",
    f"<iframe src='&#x6A;avascript&colon;{_H}'></iframe>",
    f"<iframe src='\x01javascript:{_H}'></iframe>",
    f"<iframe srcdoc='<img src=x onerror={_H}>'></iframe>",
    f"<iframe srcdoc='&lt;script&gt;parent.{_H}&lt;/script&gt;'></iframe>",
    f"<iframe src='data:text/html,<script>parent.{_H}</script>'></iframe>",
    f"<object data=javascript:{_H}></object>",
    f"<embed src=javascript:{_H}>",
    f"<form action=javascript:{_H}><button autofocus>x</button></form>",
    f"<form id=f action=javascript:{_H}></form><button form=f autofocus formaction=javascript:{_H}>x</button>",
    f"<a href=javascript:{_H}>x</a>",
    f"<a href='JaVaScRiPt:{_H}'>x</a>",
    f"<a href='vbscript:{_H}'>x</a>",
    f"<isindex action=javascript:{_H} type=image>",
)
_WAYS_OUT = (
    f'"><img src=x onerror={_H}>',
    f"'><img src=x onerror={_H}>",
    f'" autofocus onfocus={_H} x="',
    f"' autofocus onfocus={_H} x='",
    f"</textarea><img src=x onerror={_H}>",
    f"</title><img src=x onerror={_H}>",
    f"</style><img src=x onerror={_H}>",
    f"</script><script>{_H}</script>",
    f"</option></select><img src=x onerror={_H}>",
    f"</td></tr></table><img src=x onerror={_H}>",
    f"--><img src=x onerror={_H}>",
    f"--!><img src=x onerror={_H}>",
    f"<!--><img src=x onerror={_H}>-->",
    f"<![CDATA[><img src=x onerror={_H}>]]>",
    f"]]><img src=x onerror={_H}>",
    f"<?x ><img src=x onerror={_H}>?>",
    f"&lt;img src=x onerror={_H}&gt;",
    f"&amp;lt;img src=x onerror={_H}&amp;gt;",
    f"<p title='<!--' ><p title='--><img src=x onerror={_H}>'>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={_H}>",
    f"<table><td background=javascript:{_H}>x</table>",
    f"<style>@import 'javascript:{_H}';</style>",
    f'<p style="background: url(javascript:{_H})">x</p>',
    f"\u202e<img src=x onerror={_H}>\u2066",
    f"<<img src=x onerror={_H}>>",
    f"\u00ab<img src=x onerror={_H}>\u00bb",
    f"</p/><img/src='x'onerror={_H}>",
)
KINDS = (*_SCRIPTS, *_HANDLERS, *_ADDRESSES, *_WAYS_OUT)


def payloads() -> Iterator[tuple[int, str]]:
    """Yield every payload with its number, which it would call `hit` with."""
    for number, kind in enumerate(KINDS):
        yield number, kind.replace("%d", str(number))
