"""Rule H1 finds errors of HTML where a complete parser finds them, line by line."""

from __future__ import annotations

from pathlib import Path

import html5lib
import pytest

from mrrt.check import check
from tests.mrrt.corpus import CORPUS, FIXTURES, name_of, page

BROKEN = sorted((FIXTURES / "broken").glob("*.html"))


def html5lib_lines(source: bytes) -> set[int]:
    """Return the lines on which another parser finds errors of HTML; doctypes are a rule of their own."""
    parser = html5lib.HTMLParser()
    parser.parse(source)
    return {place[0] for place, code, _ in parser.errors if "doctype" not in code}


@pytest.mark.parametrize("path", [*CORPUS, *BROKEN], ids=name_of)
def test_parse_errors_are_those_of_a_complete_parser(path: Path) -> None:
    source = path.read_bytes()
    ours = {problem.line for problem in check(source) if problem.rule == "H1"}
    # a second body has a rule of its own
    assert ours == html5lib_lines(source) or path.stem.startswith("D1-")


MARKUP = """\
<p><b>x</p>y</b>
<p><div></div></p>
<ul><li>a<li>b</ul>
<table><tr><td>a<td>b</table>
<p>a</p></p>
<table><td>x</table>
<table><div>x</div></table>
<div><span></div></span>
<b><i>x</b></i>
<section>
</section>
<input></input>
<span/>x
<a href=1 href=2>x</a>
<p>1 < 2</p>
<p>&nbsp x</p>
<td>x
<p>&foo; &amp; &</p>
<select><div>x</div></select>
<label><label>x</label></label>
<h1>a<h2>b</h2>
<button>a<button>b</button></button>
<p><section>x</section></p>
<ul><li><p>x</li></ul>
<div></p></div>
<input a="1"b="2">
<p class=a"b>x</p>
</br>
<dl><dt>a<dd>b</dl>
<select><option>a<option>b</select>
<table><tr><td><b>x</td></tr></table>
<em>a<p>b</em>c</p>
<strong>a</strong></strong>
<li>a</li>
<ups>a
<p><ul><li>x</ul></p>
<table><tr><td><table><tr><td>x</table></table>
<table><tr><input></tr></table>
<div><p>a<div>b</div></p></div>
<option>x</option>
<table><tr></td></tr></table>
<table></tr></table>
<textarea><b></textarea>
<script>a<b</script>x
<form><form></form></form>
<fieldset><legend>x</fieldset>
""".splitlines()


@pytest.mark.parametrize("markup", MARKUP)
def test_markup_is_judged_as_by_a_complete_parser(markup: str) -> None:
    source = page(f"<input id=a>{markup}").encode()
    assert any(problem.rule == "H1" for problem in check(source)) == bool(html5lib_lines(source))
