"""Running the worked cases of vendor profiles: `mrrt sr profile test`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter

from mrrt.code import Code
from sr_import.described import written
from sr_import.measurement import Measurement
from sr_import.profile import Case, Profile
from sr_import.reading import read


def differences(profile: Profile, case: Case) -> Iterator[str]:
    """Yield what differs between a worked case and what reading its document with the profile gives."""
    document = read(written(case.document), (profile,))
    if not document.profiles:
        yield "the profile does not apply to the document"
    found = (*document.measurements, *document.text_measurements)
    if len(found) != len(case.measurements):
        yield f"{len(case.measurements)} measurements expected, {len(found)} read"
    for place, (expected, item) in enumerate(zip(case.measurements, found, strict=False), start=1):
        for name in expected.model_fields_set:
            wanted, said = getattr(expected, name), _SAID[name](item)
            if not _agrees(name, wanted, said):
                yield f"measurement {place}: {name} is {_shown(said)}, not {_shown(wanted)}"


_SAID: Mapping[str, Callable[[Measurement], object]] = {
    "unit": lambda item: item.ucum,
    "absent": lambda item: item.absent and str(item.absent),
    "repeat": lambda item: item.repeat_of is not None,
    "note": lambda item: "; ".join(map(str, item.applied)),
    **{name: attrgetter(name) for name in ("code", "value", "site", "segment", "laterality", "selection", "received")},
}


def _agrees(name: str, wanted: object, said: object) -> bool:
    if name == "note" and wanted:
        return str(wanted) in str(said)
    return wanted == said


def _shown(value: object) -> str:
    return f"({value.value}, {value.scheme})" if isinstance(value, Code) else "none" if value is None else f'"{value}"'
