"""MRRT pages for tests: complete ones that the checker finds no error in, told apart by what they are given."""

from __future__ import annotations

URL = "http://www.example.org/template/0000 7"
CHOICE = '<p><label for="side">Side</label><select id="side"><option>left</option><option>right</option></select></p>'


def page(
    identifier: str = URL,
    title: str = "CT Chest",
    body: str = CHOICE,
    *,
    status: str = "ACTIVE",
    top_level: str = "",
    publisher: str = "Example Hospital",
    entries: str = "",
) -> bytes:
    """Return a page with one section that holds `body`."""
    metadata = {
        "title": title,
        "identifier": identifier,
        "type": "IMAGE_REPORT_TEMPLATE",
        "language": "en",
        "publisher": publisher,
        "creator": "Dr. Example",
        "date": "2026-01-30",
        "license": "free to use",
    }
    metas = "".join(f'<meta name="dcterms.{term}" content="{text}">\n' for term, text in metadata.items())
    flag = f"<top-level-flag>{top_level}</top-level-flag>" if top_level else ""
    return f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>{title}</title>
{metas}<script type="text/xml">
<template_attributes>
{flag}<status>{status}</status>
<coding_schemes><coding_scheme name="RADLEX" designator="2.16.840.1.113883.6.256"/></coding_schemes>
<term type="modality"><code meaning="computed tomography" value="RID10321" scheme="RADLEX"/></term>
<coded_content>{entries}</coded_content>
</template_attributes>
</script>
</head>
<body>
<section id="findings" data-section-name="Findings"><header class="level1">Findings</header>
{body}
</section>
</body>
</html>
""".encode()
