"""The page for the browser: nothing that acts survives, everything that asks does."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from mrrt.errors import UsageError
from mrrt.parse import parse
from mrrt.safe_html import safe_html
from tests.mrrt.corpus import CORPUS, RICH, name_of, page

PAYLOADS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='https://evil.example'>x</a>",
    "<form action=https://evil.example><input id=f><button formaction=javascript:alert(1)>x</button></form>",
    "<input type=image src=x onerror=alert(1)>",
    "<input autofocus onfocus=alert(1) id=g>",
    "<select onchange=alert(1) id=s><option onclick=alert(1)>x</option></select>",
    "<textarea id=t></textarea><script>alert(1)</script></textarea>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=//evil.example/>",
    "<style>@import '//evil.example/x.css'; body { background: url(javascript:alert(1)) }</style>",
    "<div style='background: url(//evil.example/x)'>x</div>",
    "<table background=//evil.example/x.png><tr><td background=javascript:alert(1)>x</table>",
    "<video><source onerror=alert(1) src=x></video>",
    "<audio src=//evil.example/x onerror=alert(1)></audio>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<p title='&quot;><img src=x onerror=alert(1)>'>x</p>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><script>alert(1)</script>",
    "<label for=javascript:alert(1) onclick=alert(1)>x</label>",
    "<input id=cookie name=cookie><input id=forms name=body>",
    "<option><script>alert(1)</script></option>",
    "<script type='text/xml'><script>alert(1)</script></script>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
]
FORBIDDEN = {
    *(
        "script",
        "style",
        "iframe",
        "object",
        "embed",
        "applet",
        "meta",
        "link",
        "base",
        "form",
        "button",
        "svg",
        "math",
    ),
    *("img", "video", "audio", "source", "a", "template", "noscript", "frame", "frameset", "image"),
}
HARMLESS = {"title", "value", "placeholder", "label"}


def elements(fragment: str) -> list[Element]:
    tree = html5lib.parseFragment(fragment, namespaceHTMLElements=False)
    return [element for element in tree.iter() if isinstance(element.tag, str)]


def dangers(fragment: str) -> list[str]:
    """Return everything in a fragment that could act, load or lead away."""
    found = [element.tag for element in elements(fragment) if element.tag in FORBIDDEN]
    for element in elements(fragment):
        for name, value in element.attrib.items():
            acts = name.startswith("on") or name in {"style", "src", "href", "action", "formaction", "srcdoc", "data"}
            leads = name not in HARMLESS and ("javascript:" in value.lower() or "//" in value)
            clobbers = name in ("id", "name") and value in ("cookie", "forms", "body")
            found += [f"{element.tag} {name}={value}"] if acts or leads or clobbers else []
    return found


def made_safe(source: bytes | str) -> str:
    return safe_html(source, parse(source))


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("where", ["<p>{}</p>", "<table><tr><td>{}</td></tr></table>", "<label>{}</label>"])
def test_nothing_that_acts_survives(payload: str, where: str) -> None:
    assert dangers(made_safe(page(f"<section><input id=a>{where.format(payload)}</section>"))) == []


def test_the_test_for_dangers_can_fail() -> None:
    assert dangers("<img src=x onerror=alert(1)>") == ["img", "img src=x", "img onerror=alert(1)"]


def bound(fragment: str) -> list[tuple[str, str]]:
    return [(element.get("data-field", ""), element.tag) for element in elements(fragment) if element.get("data-field")]


def test_every_control_is_bound() -> None:
    template = parse(RICH)
    keys = [key for key, _ in bound(safe_html(RICH, template))]
    assert list(dict.fromkeys(keys)) == [field.key for field in template.fields]
    assert keys.count("nodule") == 2
    assert keys.count("feature") == 2


@pytest.mark.parametrize("path", CORPUS, ids=name_of)
def test_every_field_of_a_real_template_is_bound(path: Path) -> None:
    template = parse(path.read_bytes(), path.name)
    fragment = safe_html(path.read_bytes(), template)
    assert {key for key, _ in bound(fragment)} == set(template.field_by_key)
    assert dangers(fragment) == []


def test_ids_names_and_structure_are_kept() -> None:
    kept = elements(made_safe(RICH))
    identities = {element.get("id") for element in kept}
    assert {"findings", "quality", "nodule", "nodule_yes", "feature_2", "nodes", "impression_text"} <= identities
    tags = {element.tag for element in kept}
    assert {"section", "header", "table", "th", "label", "select", "optgroup", "datalist", "ul", "mark"} <= tags
    section = next(element for element in kept if element.get("id") == "findings")
    assert (section.get("data-section-name"), section.get("class")) == ("Findings", "level1")
    header = next(element for element in section if element.tag == "header")
    assert header.get("data-german") == "Befund"


def test_default_selections_and_values_are_kept() -> None:
    kept = {element.get("id"): element for element in elements(made_safe(RICH)) if element.get("id")}
    assert [option.get("selected") for option in kept["quality"]] == [None, "", None]
    assert (kept["nodule_no"].get("checked"), kept["nodule_yes"].get("checked")) == ("", None)
    assert (kept["nodule_yes"].get("value"), kept["nodule_yes"].get("type")) == ("yes", "radio")
    assert kept["impression_text"].text == "No nodule."


def test_controls_without_id_get_one_and_values_are_those_of_the_choices() -> None:
    source = page(
        "<section data-section-name=x><input name=a><input type=radio name=r>left<select><option> b </select>"
    )
    template = parse(source)
    controls = [element for element in elements(safe_html(source, template)) if element.get("data-field")]
    assert [element.get("id") for element in controls] == ["a", "r.1", "x.select.1"]
    assert controls[1].get("value") == template.field_by_key["r"].choices[0].value == "left"
    assert [option.get("value") for option in controls[2]] == ["b"]


def test_a_template_cannot_bind_by_itself() -> None:
    assert bound(made_safe(page("<p data-field=b>x</p><input id=a data-field=b>"))) == [("a", "input")]


def test_input_types_follow_the_field() -> None:
    source = page("<input id=a data-field-type=DATE><input id=b type=password><input id=c type=hidden value=x>")
    kept = [element.get("type") for element in elements(made_safe(source)) if element.get("data-field")]
    assert kept == ["date", "text", "hidden"]


def test_the_xml_block_is_no_content() -> None:
    source = page("<template_attributes><status>ACTIVE</status></template_attributes><input id=a>")
    assert "ACTIVE" not in made_safe(source)
    assert "RID10326" not in made_safe(RICH)


def test_text_is_not_turned_into_markup() -> None:
    assert dangers(made_safe(page("&lt;script&gt;alert(1)&lt;/script&gt;<input id=a>"))) == []


def test_another_template_is_refused() -> None:
    with pytest.raises(UsageError):
        safe_html(page("<input id=a>"), parse(page("<input id=b>")))


@pytest.mark.parametrize("sign", ["\x01", "\x0b", "\f", "\x1f", "\ufffe"])
def test_signs_that_xml_cannot_hold(sign: str) -> None:
    page = f"<!DOCTYPE html><body><section><select id='a{sign}b'><option>o{sign}ne</option></select></section></body>"
    template = parse(page)
    [field] = template.fields
    assert sign not in field.key + field.choices[0].value
    assert f'value="{field.choices[0].value}"' in safe_html(page, template)
