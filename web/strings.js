// Every text of the page, in its languages, and the language that is chosen.

/** @type {Record<string, string[]>} */
const TEXTS = {
  skip: ["Skip to the content", "Zum Inhalt springen"],
  home: ["mrrt: all reports", "mrrt: alle Befunde"],
  language: ["Language", "Sprache"],
  theme: ["Theme", "Farben"],
  dark: ["Dark", "Dunkel"],
  light: ["Light", "Hell"],
  auto: ["As system", "Wie System"],
  shortcuts: ["Keyboard shortcuts", "Tastenkürzel"],
  close: ["Close", "Schließen"],
  signOut: ["Sign out", "Abmelden"],
  rooms: ["Rooms", "Räume"],
  room_site: ["Site", "Standort"],
  room_templates: ["Templates", "Vorlagen"],

  template: ["Template", "Vorlage"],
  status: ["Status", "Status"],
  noName: ["no name", "ohne Namen"],
  loading: ["Loading…", "Wird geladen …"],

  born: ["born {date}", "geb. {date}"],
  years: ["{n} y", "{n} J."],
  sex_F: ["female", "weiblich"],
  sex_M: ["male", "männlich"],
  sex_O: ["other", "divers"],
  id: ["ID {id}", "ID {id}"],
  acc: ["Acc. {id}", "Auftrag {id}"],
  images: ["Images", "Bilder"],
  partial: ["draft", "Entwurf"],
  preliminary: ["preliminary", "vorläufig"],
  final: ["final", "endgültig"],
  amended: ["amended", "ergänzt"],
  corrected: ["corrected", "korrigiert"],
  appended: ["final, with addendum", "endgültig, mit Nachtrag"],
  cancelled: ["cancelled", "abgebrochen"],
  "entered-in-error": ["withdrawn: entered in error", "zurückgezogen: irrtümlich erstellt"],
  actions: ["Actions", "Aktionen"],
  signed_preliminary: ["Signed as preliminary by {name}, {when}", "Vorläufig signiert von {name}, {when}"],
  signed_final: ["Signed by {name}, {when}", "Signiert von {name}, {when}"],
  signed_amended: ["Amended and signed by {name}, {when}", "Ergänzt und signiert von {name}, {when}"],
  signed_corrected: ["Corrected and signed by {name}, {when}", "Korrigiert und signiert von {name}, {when}"],
  signed_appended: ["Addendum signed by {name}, {when}", "Nachtrag signiert von {name}, {when}"],
  opened_amended: ["being amended", "wird ergänzt"],
  opened_corrected: ["being corrected", "wird korrigiert"],
  stillStands: [
    "Version {version} stands until this is signed. Opened by {name}, {when}.",
    "Fassung {version} gilt, bis dies signiert ist. Geöffnet von {name}, {when}.",
  ],
  discard: ["Discard the revision", "Änderung verwerfen"],
  tooLate: [
    "Typed before the report was signed, and not part of it: {texts}",
    "Vor der Signatur eingegeben und nicht Teil des Befunds: {texts}",
  ],
  noted: ["Noted", "Zur Kenntnis genommen"],
  views: ["Views of the report", "Ansichten des Befunds"],
  view_document: ["Report", "Befund"],
  view_source: ["Source", "Herkunft"],
  view_before: ["Before and now", "Früher und jetzt"],
  view_versions: ["Versions", "Fassungen"],

  review: ["Review and sign", "Prüfen und signieren"],
  saving: ["Saving…", "Wird gespeichert …"],
  saved: ["Saved", "Gespeichert"],
  open: ["Not everything saved", "Nicht alles gespeichert"],
  away: [
    "Server not reachable. {n} kept here, trying again.",
    "Server nicht erreichbar. {n} hier aufbewahrt, neuer Versuch folgt.",
  ],
  oneEdit: ["1 change", "1 Änderung"],
  edits: ["{n} changes", "{n} Änderungen"],

  imported: ["imported", "importiert"],
  calculated: ["calculated", "berechnet"],
  typed: ["typed", "eingegeben"],
  default: ["default of the template", "Vorgabe der Vorlage"],
  merged: ["from the host system", "aus dem führenden System"],
  imported_typed: ["typed over an imported value", "eingegeben über importiertem Wert"],
  calculated_typed: ["typed over a calculated value", "eingegeben über berechnetem Wert"],
  default_typed: ["typed over a default", "eingegeben über einer Vorgabe"],
  merged_typed: ["typed over a value of the host system", "eingegeben über Wert des führenden Systems"],
  empty: ["empty", "leer"],
  held: ["{n} filled: {texts}", "{n} ausgefüllt: {texts}"],
  heldAsked: ["asked for: {n}", "noch verlangt: {n}"],
  cleared: ["cleared", "geleert"],
  source: ["Where the value comes from", "Woher der Wert kommt"],
  legend: ["On a value: where it comes from.", "Auf einem Wert: woher er kommt."],
  srItem: ["SR item {path}", "SR-Element {path}"],
  received: ["received as {value}", "empfangen als {value}"],
  rule: ["rule {n}", "Regel {n}"],
  unknownInputs: ["unknown: {names}", "unbekannt: {names}"],
  wouldFlip: ["Another class with:", "Andere Klasse bei:"],
  otherCriteria: ["Other criteria:", "Andere Kriterien:"],
  above: ["above {value}", "über {value}"],
  atLeast: ["at least {value}", "mindestens {value}"],
  below: ["below {value}", "unter {value}"],
  atMost: ["at most {value}", "höchstens {value}"],
  beneath: ["Beneath: {value}, {how}", "Darunter: {value}, {how}"],
  undone: ["Undone: {label}", "Rückgängig: {label}"],
  redone: ["Done again: {label}", "Wiederholt: {label}"],
  undoNothing: ["Nothing to undo.", "Nichts rückgängig zu machen."],
  redoNothing: ["Nothing to do again.", "Nichts zu wiederholen."],
  takeBack: ["Take back", "Zurücknehmen"],
  required: ["required", "Pflichtfeld"],

  attention: ["What needs attention", "Was Aufmerksamkeit braucht"],
  nothing: ["Nothing needs attention.", "Nichts braucht Aufmerksamkeit."],
  error: ["Error", "Fehler"],
  warning: ["Warning", "Warnung"],
  information: ["Note", "Hinweis"],
  mustBeFilled: ["{label} must be filled.", "{label} muss ausgefüllt werden."],
  isEmpty: ["{label} is empty.", "{label} ist leer."],
  ambiguous: ["Several measurements fit", "Mehrere Messwerte passen"],
  unmatched: ["{n} measurements without a place", "{n} Messwerte ohne Platz"],
  assign: ["Assign…", "Zuordnen …"],
  acknowledge: ["Acknowledge", "Zur Kenntnis nehmen"],
  notSaved: ["Not saved: “{value}”.", "Nicht gespeichert: „{value}“."],
  conflict: ["{label}: changed elsewhere", "{label}: anderswo geändert"],
  keepMine: ["Mine: {value}", "Meiner: {value}"],
  takeTheirs: ["Theirs: {value}", "Der andere: {value}"],
  elsewhere: ["{label} was changed elsewhere: {before} → {after}", "{label} wurde anderswo geändert: {before} → {after}"],
  signedElsewhere: [
    "The report was signed elsewhere, or cancelled. What is listed here did not reach it.",
    "Der Befund wurde anderswo signiert oder abgebrochen. Was hier steht, hat ihn nicht erreicht.",
  ],
  leaveKept: [
    "Some of what you typed has not reached the report. It stays in this browser until {name} signs in here again. Sign out all the same?",
    "Nicht alles Eingegebene ist im Befund. Es bleibt in diesem Browser, bis {name} sich hier wieder anmeldet. Trotzdem abmelden?",
  ],
  leave: [
    "Some of what you typed has not reached the report. It is kept in this browser. Leave all the same?",
    "Nicht alles Eingegebene ist im Befund. Es bleibt in diesem Browser aufbewahrt. Trotzdem verlassen?",
  ],

  document: ["The report as it will read", "Der Befund, wie er lauten wird"],
  documentSigned: ["The report", "Der Befund"],
  formChanged: ["The form has changed.", "Das Formular hat sich geändert."],
  formChangedNew: ["The form has changed. New: {names}.", "Das Formular hat sich geändert. Neu: {names}."],
  behind: ["What was typed last is not in this text yet.", "Das zuletzt Eingegebene ist noch nicht in diesem Text."],
  unavailable: ["The report text is not available now; what stands here may be older.", "Der Befundtext ist gerade nicht verfügbar; was hier steht, kann älter sein."],

  sign: ["Sign", "Signieren"],
  back: ["Back to the report", "Zurück zum Befund"],
  signPreliminary: ["Sign as preliminary", "Vorläufig signieren"],
  leftEmpty: ["Left empty; signing says that this is meant:", "Leer gelassen; die Signatur bestätigt, dass das so gemeint ist:"],
  reason: ["Reason", "Grund"],
  reasonFor: ["Reason: {alert}", "Grund: {alert}"],
  sayWhy: ["Say why the report may be signed all the same.", "Bitte sagen, warum der Befund trotzdem signiert werden kann."],
  signing: ["Signing…", "Wird signiert …"],
  changedMeanwhile: [
    "Somebody changed the report meanwhile. This is how it reads now.",
    "Der Befund wurde inzwischen von jemand anderem geändert. So lautet er jetzt.",
  ],
  errorsForbid: ["Errors forbid signing.", "Fehler verhindern die Signatur."],
  notYetSaved: [
    "Not everything is saved yet; signing must wait.",
    "Es ist noch nicht alles gespeichert; die Signatur muss warten.",
  ],
  readOnly: ["Read-only.", "Nur lesbar."],
  failed: ["That did not work: {detail}", "Das ging nicht: {detail}"],
  serverAway: ["the server does not answer.", "der Server antwortet nicht."],
  notFound: ["This report does not exist.", "Diesen Befund gibt es nicht."],
};

/** Add texts of a part that is loaded when needed; returns all. @param {Record<string, string[]>} more */
export const addTexts = (more) => Object.assign(TEXTS, more);

export const LANGUAGES = ["en", "de"];
/** Names of the languages, each in itself. */
export const LANGUAGE_NAMES = { en: "English", de: "Deutsch" };

let chosen = "en";

/** @returns {string} the language of the page */
export const language = () => chosen;

/** @param {string} code */
export function setLanguage(code) {
  chosen = LANGUAGES.includes(code) ? code : "en";
  document.documentElement.lang = chosen;
  document.dispatchEvent(new Event("mrrt:language"));
}

/** @param {string} key @param {Record<string, string|number>} [values] fill the {places} of the text */
export function t(key, values = {}) {
  if (!(key in TEXTS)) console.error(`no text "${key}"`);
  const text = TEXTS[key]?.[LANGUAGES.indexOf(chosen)] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** Tell whether there is a text of this name. @param {string} key */
export const known = (key) => key in TEXTS;
