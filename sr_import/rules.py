"""Every problem that reading, binding or matching an SR can report, in one table.

SR.. concern a received document, SP.. a vendor profile, SB.. a bindings file, SM.. the matching of documents with
bindings. The ids are stable; docs/reference/problems.md is made from this table.
"""

from __future__ import annotations

from typing import NamedTuple

from mrrt.problems import Problem, Severity

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFORMATION


class Rule(NamedTuple):
    """One kind of problem: its stable id, how much it matters, what is wrong and how to mend it."""

    id: str
    severity: Severity
    what: str
    mend: str


_BY_HAND = "Read the value on the device and type it in."
RULES: tuple[Rule, ...] = (
    Rule("SR00", _E, "The file is no DICOM SR, or it is cut off.", "Send the document from the device once more."),
    Rule("SR01", _E, "The document holds no content at all.", "Send the document from the device once more."),
    Rule("SR02", _W, "A measurement has no measured value.", _BY_HAND),
    Rule("SR03", _W, "A measurement has an empty numeric value.", _BY_HAND),
    Rule("SR04", _W, "A measurement carries several values where one is allowed.", _BY_HAND),
    Rule("SR05", _W, "The value of a measurement is not a decimal number.", _BY_HAND),
    Rule("SR06", _I, "The device states why there is no value.", "Nothing needs to be done."),
    Rule("SR07", _W, "The device sends a value and doubts it in the same item.", _BY_HAND),
    Rule("SR08", _W, "A measurement has no unit.", "Type the value in with its unit; no unit is assumed."),
    Rule("SR09", _W, "The unit of a measurement is not a UCUM code.", "Set the device to UCUM units."),
    Rule("SR10", _W, "A side is stated with a code that is not right, left, bilateral or unilateral.", _BY_HAND),
    Rule("SR11", _W, "One item states two sites, sides or segments.", "Check the measurement on the device."),
    Rule("SR12", _W, "A measurement has no concept name, so nobody knows what was measured.", _BY_HAND),
    Rule("SR13", _I, "The text does not agree with the declared character set.", "Check names; set up the device."),
    Rule("SR14", _W, "The document does not name its SOP class or instance.", "Check the set-up of the device."),
    Rule("SR15", _E, "A part of the document is missing.", "Send the document from the device once more."),
    Rule("SR16", _I, "A number is written as DICOM does not allow, but can mean only one thing.", "Compare the value."),
    Rule("SR17", _I, "A unit is spelled as UCUM does not know it, but can mean only one thing.", "Compare the unit."),
    Rule("SR18", _I, "A vendor profile changed what was sent.", "Nothing needs to be done; see the profile."),
    Rule("SR19", _W, "An item refers to one that is not there, or in a circle.", "Check the set-up of the device."),
    Rule(
        "SR20", _I, "The file is encoded otherwise than it says, and could be read all the same.", "Set up the device."
    ),
    Rule("SB01", _E, "The bindings file has an entry with a key that is not known.", "Correct the spelling."),
    Rule("SB02", _E, "A required entry is missing.", "Add it."),
    Rule("SB03", _E, "An entry has a value of the wrong form.", "Write it as the message says."),
    Rule("SB04", _E, "A code name is used that is not listed under codes.", "List it under codes."),
    Rule("SB05", _E, "A binding is for a field that the template does not have.", "Use the key of a field."),
    Rule("SB06", _E, "A unit is not a UCUM code.", "Write a UCUM code, such as cm/s or 1."),
    Rule("SB07", _E, "The unit of a binding measures something else than the field.", "Use a unit of the same kind."),
    Rule("SB08", _E, "A selection word is not known.", "Use one of the words that the message lists."),
    Rule("SB09", _E, "`same sample as` does not lead to a binding that chooses a sample.", "Name such a field."),
    Rule("SB10", _E, "The bindings were written for another template.", "Use the identifier of the template."),
    Rule("SB11", _E, "A finding or count is bound to what the field cannot hold.", "Use a choice, or a number field."),
    Rule("SP01", _E, "A vendor profile has an entry with a key that is not known.", "Correct the spelling."),
    Rule("SP02", _E, "A required entry of a vendor profile is missing.", "Add it."),
    Rule("SP03", _E, "An entry of a vendor profile has a value of the wrong form.", "Write it as the message says."),
    Rule("SP04", _E, "Two vendor profiles have the same name.", "Rename or remove one of them."),
    Rule("SM01", _W, "A section states no side, so its measurements cannot be placed.", _BY_HAND),
    Rule("SM02", _W, "The value that the device chose is lost; no other was taken for it.", _BY_HAND),
    Rule("SM03", _W, "A value lies outside of the plausible window and was not filled in.", _BY_HAND),
    Rule("SM04", _W, "Zero is no signal: the value was not filled in.", "State on the report whether there was flow."),
    Rule("SM05", _W, "A value cannot be converted to the unit of the field.", _BY_HAND),
    Rule("SM06", _I, "The first choice was not measured; the next one was used.", "Check that it serves the purpose."),
    Rule("SM07", _I, "A value was left out because the one it goes with was not chosen.", _BY_HAND),
    Rule("SM08", _W, "A section states a side that is neither right nor left.", _BY_HAND),
    Rule("SM09", _E, "Nothing is filled in from half a document.", "Send the document from the device once more."),
    Rule("SM10", _I, "A document was replaced by a later one and no longer counts.", "Nothing needs to be done."),
    Rule("SM11", _W, "Documents name each other as their predecessors.", "Check which one is the last."),
    Rule("SM12", _I, "A finding says what no binding has a choice for.", "Read it in the document; extend `values`."),
    Rule("SM13", _W, "A container has no place: no binding has its number.", "Read it in the document."),
)
_BY_ID = {rule.id: rule for rule in RULES}


def problem(rule_id: str, message: str, *, path: str | None = None, field: str | None = None) -> Problem:
    """Return a Problem of the table with its severity and mend text."""
    rule = _BY_ID[rule_id]
    return Problem(rule=rule.id, severity=rule.severity, message=message, mend=rule.mend, path=path, field=field)


def mend(rule_id: str) -> str:
    """Return how to mend a kind of problem."""
    return _BY_ID[rule_id].mend
