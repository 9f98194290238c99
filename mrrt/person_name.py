"""Names of people as DICOM writes them (PS3.5 section 6.2, value representation PN), and as readers do."""

from __future__ import annotations


def name_said(name: str) -> str:
    """Return a name as it is printed: family name first, prefix before the given name, suffix last.

    The group in ideographic characters, if there is one, follows in parentheses; the phonetic one is left out.
    """
    alphabetic, ideographic = (f"{name}=".split("="))[:2]
    found = [said for said in (_group(alphabetic, ", "), _group(ideographic, " ")) if said]
    return f"{found[0]} ({found[1]})" if len(found) == 2 else "".join(found)


def _group(group: str, mark: str) -> str:
    family, given, middle, prefix, *suffixes = (" ".join(part.split()) for part in f"{group}^^^".split("^"))
    forenames = " ".join(part for part in (prefix, given, middle) if part)
    return mark.join(part for part in (family, forenames, " ".join(filter(None, suffixes))) if part)
