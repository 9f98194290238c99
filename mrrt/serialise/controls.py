"""Fields as the controls of the page (MRRT 8.1.5)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from mrrt.code import Code
from mrrt.serialise.markup import Attributes, condition, element, start, text, translations
from mrrt.serialise.plan import GROUPS, SELECTS, Plan
from mrrt.template import Choice, CompletionAction, Field, FieldKind

FIELD_TYPES = {
    FieldKind.TEXT: "TEXT",
    FieldKind.TEXTAREA: "TEXT",
    FieldKind.NUMBER: "NUMBER",
    FieldKind.DATE: "DATE",
    FieldKind.TIME: "TIME",
    FieldKind.CHECKBOX: "CHECKBOX",
    FieldKind.CHECKBOX_GROUP: "CHECKBOX",
    FieldKind.RADIO: "RADIO",
    FieldKind.SELECT: "SELECTION_LIST",
    FieldKind.SELECT_MULTIPLE: "SELECTION_LIST",
}
"""data-field-type of each kind. RADIO is no word of the profile, but what real templates write."""

_CODE_ATTRIBUTES = {"RADLEX": "data-radlex", "LN": "data-loinc"}


def control(field: Field, plan: Plan, inherited: str | None, before: str = "") -> str:
    """Return the markup of a field; `inherited` is the condition that the elements round it state already.

    `before` is markup that stands in the element round a group, before its choices.
    """
    accessible = plan.accessible_name(field)
    around: Attributes = {
        "id": plan.identity(field),
        "name": plan.name(field),
        **field.attributes,
        "aria-label": accessible,
        **(translations(field.translations) if accessible else {}),
        "data-field-type": FIELD_TYPES[field.kind],
        **_behaviour(field),
        **(condition(field.condition) if field.condition != inherited else {}),
    }
    if field.kind in GROUPS:
        return _group(field, plan, around, before)
    around = {**around, **_code_attributes(plan.uncoded(field.codes, field.key, plan.name(field))), **_entry(field)}
    if field.kind in SELECTS and not _has_list(field):
        return _select(field, plan, around)
    if field.kind is FieldKind.TEXTAREA:
        return element("textarea", around, text(_one(field.default)))
    return _input(field, plan, around)


def _behaviour(field: Field) -> Attributes:
    action = field.completion_action
    return {
        "data-field-completion-action": action.value if action is not CompletionAction.NONE else None,
        "data-field-merge-flag": "true" if field.merge else None,
        "data-field-verbal-trigger": field.verbal_trigger,
        "data-field-units": field.unit,
        "hidden": field.hidden,
    }


def _code_attributes(codes: Iterable[Code]) -> Attributes:
    """Return codes that the XML block does not give, in the attributes that real templates have for them."""
    left = list(codes)
    return {
        attribute: " ".join(code.value for code in left if code.scheme == scheme) or None
        for scheme, attribute in _CODE_ATTRIBUTES.items()
    }


def _entry(field: Field) -> Attributes:
    """Return what the element itself carries that takes the entry; of a group it is the first one."""
    writable = field.kind not in SELECTS and field.kind not in (*GROUPS, FieldKind.CHECKBOX)
    return {
        "title": field.hint or None,
        "required": field.required,
        "readonly": field.read_only and writable,
        "disabled": field.read_only and not writable,
        "data-field-merge-identifier": field.merge_identifier,
        "min": field.minimum,
        "max": field.maximum,
        "step": field.step,
    }


def _has_list(field: Field) -> bool:
    """Tell whether the choices of a field are a datalist; a selection is free through its twin otherwise."""
    return field.kind not in SELECTS or (field.free_text and field.free_text_key is None)


def _one(default: str | tuple[str, ...] | None) -> str:
    return default if isinstance(default, str) else ""


def _input(field: Field, plan: Plan, around: Attributes) -> str:
    if field.kind is FieldKind.CHECKBOX:
        (choice,) = field.choices
        around = {**choice.attributes, **around}
        return start("input", {"type": "checkbox", **around, "value": choice.value, "checked": bool(field.default)})
    kind = "text" if field.kind in SELECTS else field.kind.value
    listed = plan.free_id(f"{field.key}.list") if field.choices else None
    written = start("input", {"type": kind, **around, "list": listed, "value": _one(field.default) or _cde(field)})
    return written + (element("datalist", {"id": listed}, _options(field, plan)) if listed else "")


def _cde(field: Field) -> str | None:
    """Return the common data element of a field, which T-Rex writes as its value."""
    return next((code.value for code in field.codes if code.scheme == "RADELEMENT"), None)


def _select(field: Field, plan: Plan, around: Attributes) -> str:
    multiple = field.kind is FieldKind.SELECT_MULTIPLE
    return element("select", {**around, "multiple": multiple}, _options(field, plan))


def _options(field: Field, plan: Plan) -> str:
    left = [field.default] if isinstance(field.default, str) else list(field.default or ())
    written = []
    for group, choices in groupby(field.choices, lambda choice: choice.group):
        options = "".join(_option(choice, plan, left) for choice in choices)
        written.append(element("optgroup", {"label": group}, options) if group else options)
    return "".join(written)


def _option(choice: Choice, plan: Plan, left: list[str]) -> str:
    attributes: Attributes = {
        "id": choice.element_id,
        "value": choice.value,
        "selected": not choice.blank and _taken(choice, left),
        **choice.attributes,
        **translations(choice.translations),
        **_code_attributes(plan.uncoded(choice.codes, choice.element_id)),
        "data-template-UID": choice.replaced_by,
        "data-replacement-element-id": choice.replaces,
    }
    # an option must show something, and a no-break space is nothing to a reader
    return element("option", attributes, text(choice.text) or "&nbsp;")


def _taken(choice: Choice, left: list[str]) -> bool:
    """Tell whether a choice is one of the defaults that are left, and take it off them."""
    if choice.value not in left:
        return False
    left.remove(choice.value)
    return True


def _group(field: Field, plan: Plan, around: Attributes, before: str) -> str:
    """Return a span round the choices. The blanks stand inside the labels, where they are no text of the report."""
    left = [field.default] if isinstance(field.default, str) else list(field.default or ())
    ids = [plan.member_id(field, choice) for choice in field.choices]
    entries: list[Attributes] = [_entry(field), *({} for _ in ids)]
    members = [
        _member(field, plan, choice, identity, {**entry, "checked": _taken(choice, left)})
        for choice, identity, entry in zip(field.choices, ids, entries, strict=False)
    ]
    of_choices = [code for choice in field.choices for code in choice.codes]
    codes = [
        code
        for code in plan.uncoded(field.codes, field.key, plan.name(field) or field.key, *ids)
        if code not in of_choices
    ]
    role = "radiogroup" if field.kind is FieldKind.RADIO else "group"
    attributes = {**around, **_code_attributes(codes), "name": None, "role": role}
    return element("span", attributes, before + "".join(members))


def _member(field: Field, plan: Plan, choice: Choice, identity: str, more: Attributes) -> str:
    attributes: Attributes = {
        "type": "radio" if field.kind is FieldKind.RADIO else "checkbox",
        "id": identity,
        "name": plan.name(field) or field.key,
        "value": choice.value,
        **choice.attributes,
        **_code_attributes(plan.uncoded(choice.codes, choice.element_id)),
        **more,
    }
    label = element("label", {"for": identity, **translations(choice.translations)}, f" {text(choice.text)} ")
    return start("input", attributes) + label
