"""What actions are called in the standards of audit messages: DICOM PS3.16 CID 400 and 401, codes C, R, U, D, E.

FHIR R4 AuditEvent takes the same codes. A test compares codes and meanings with the dictionary that pydicom carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import ip_address

from mrrt.code import Code
from reporting.errors import WrongQuery
from reporting.statuses import Action


class Outcome(StrEnum):
    """How what somebody tried to do ended."""

    SUCCESS = "success"
    REFUSED = "refused"
    """They may not."""
    FAILED = "failed"
    """It went wrong."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """An action in the words of the standards; `act` is C, R, U, D or E (create, read, update, delete, execute)."""

    event: Code
    act: str
    type: Code | None = None

    @property
    def of_launcher(self) -> bool:
        """Whether who did it launched a program (PS3.15 section A.5.3.1)."""
        return self.type in (APPLICATION_START, APPLICATION_STOP)


def _dcm(value: str, meaning: str) -> Code:
    return Code(scheme="DCM", value=value, meaning=meaning)


APPLICATION_ACTIVITY = _dcm("110100", "Application Activity")
AUDIT_LOG_USED = _dcm("110101", "Audit Log Used")
INSTANCES_ACCESSED = _dcm("110103", "DICOM Instances Accessed")
INSTANCES_TRANSFERRED = _dcm("110104", "DICOM Instances Transferred")
EXPORT = _dcm("110106", "Export")
IMPORT = _dcm("110107", "Import")
PATIENT_RECORD = _dcm("110110", "Patient Record")
QUERY = _dcm("110112", "Query")
SECURITY_ALERT = _dcm("110113", "Security Alert")
USER_AUTHENTICATION = _dcm("110114", "User Authentication")
APPLICATION_START = _dcm("110120", "Application Start")
APPLICATION_STOP = _dcm("110121", "Application Stop")
LOGIN = _dcm("110122", "Login")
LOGOUT = _dcm("110123", "Logout")
RESTRICTED_FUNCTION = _dcm("110132", "Use of Restricted Function")
SOFTWARE_CONFIGURATION = _dcm("110131", "Software Configuration")
USER_ATTRIBUTES = _dcm("110137", "User Security Attributes Changed")
APPLICATION = _dcm("110150", "Application")
APPLICATION_LAUNCHER = _dcm("110151", "Application Launcher")
STUDY = _dcm("110180", "Study Instance UID")

_TEMPLATE = Meaning(SECURITY_ALERT, "E", SOFTWARE_CONFIGURATION)
_ACCOUNT = Meaning(SECURITY_ALERT, "E", USER_ATTRIBUTES)
_CHANGED = Meaning(PATIENT_RECORD, "U")
MEANINGS: Mapping[str, Meaning] = {
    "start": Meaning(APPLICATION_ACTIVITY, "E", APPLICATION_START),
    "stop": Meaning(APPLICATION_ACTIVITY, "E", APPLICATION_STOP),
    "create": Meaning(PATIENT_RECORD, "C"),
    "read": Meaning(PATIENT_RECORD, "R"),
    "render": Meaning(PATIENT_RECORD, "R"),
    "search": Meaning(QUERY, "E"),
    "export": Meaning(EXPORT, "R"),
    "restore": Meaning(IMPORT, "C"),
    "arrive": Meaning(INSTANCES_TRANSFERRED, "C"),
    "receive": Meaning(INSTANCES_TRANSFERRED, "C"),
    "fail": Meaning(IMPORT, "E"),
    "retry": Meaning(IMPORT, "E"),
    "drop": Meaning(INSTANCES_ACCESSED, "D"),
    "read-document": Meaning(INSTANCES_ACCESSED, "R"),
    "read-audit": Meaning(AUDIT_LOG_USED, "R"),
    "store": _TEMPLATE,
    "retire": _TEMPLATE,
    "forget-trial": Meaning(APPLICATION_ACTIVITY, "D"),
    "erase": Meaning(PATIENT_RECORD, "D"),
    "erase-document": Meaning(INSTANCES_ACCESSED, "D"),
    "hold": Meaning(PATIENT_RECORD, "U"),
    "lift-hold": Meaning(PATIENT_RECORD, "U"),
    "refuse": Meaning(SECURITY_ALERT, "E", RESTRICTED_FUNCTION),
    "sign-in": Meaning(USER_AUTHENTICATION, "E", LOGIN),
    "sign-out": Meaning(USER_AUTHENTICATION, "E", LOGOUT),
}
"""Actions that are no change of a report; those are updates of a patient record."""
ACTIONS: frozenset[str] = frozenset(
    {*MEANINGS, *Action, "add-account", "change-account", "make-token", "revoke-token", "queue-job", "cancel-job"}
)
"""Every action that the log knows; a test looks for others."""
OUTCOMES: Mapping[str, str] = {Outcome.SUCCESS: "0", Outcome.REFUSED: "4", Outcome.FAILED: "8"}
"""DICOM EventOutcomeIndicator and FHIR audit-event-outcome: success, minor failure, serious failure."""
_ACCOUNTS = ("account", "user", "credential", "token", "client", "password", "role")


def meaning(action: str, *, report: bool) -> Meaning:
    """Return what an action is called in the standards; `report` says whether it is about a report."""
    if action in MEANINGS:
        return MEANINGS[action]
    if report:
        return _CHANGED
    if any(word in action for word in _ACCOUNTS):
        return _ACCOUNT
    return Meaning(APPLICATION_ACTIVITY, "E")


def known_action(action: str, place: str) -> str:
    """Return an action that the log knows; raises WrongQuery for another word, which no event would have."""
    if action in ACTIONS:
        return action
    near = get_close_matches(action.casefold(), ACTIONS, n=1)
    mend = f"Write {near[0]}." if near else f"Take one of: {', '.join(sorted(ACTIONS))}."
    raise WrongQuery(place, f'there is no action "{action}"', mend)


def outcome(said: str) -> str:
    """Return the code of an outcome; one that nobody knows is a serious failure."""
    return OUTCOMES.get(said, "8")


def is_address(source: str) -> bool:
    """Tell whether an event came from an IP address; else its source says by which way: "command line", "job"."""
    try:
        ip_address(source)
    except ValueError:
        return False
    return True
