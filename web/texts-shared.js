// Texts that several rooms share, besides those of every page.

import { addTexts } from "./strings.js";

addTexts({
  textNeeded: ["{text}: please say something.", "{text}: bitte ausfüllen."],
  more: ["More", "Mehr"],
  changedAt: ["Changed", "Geändert"],
  keyNext: ["Next item that needs attention", "Nächster Punkt, der Aufmerksamkeit braucht"],
  keyList: ["Worklist", "Arbeitsliste"],

  // what the audit log and the versions of a report call what was done
  action_create: ["created", "angelegt"],
  action_edit: ["edited", "bearbeitet"],
  action_fill: ["filled from measurements", "aus Messwerten gefüllt"],
  action_decline: ["late measurements left out", "späte Messwerte weggelassen"],
  action_migrate: ["moved to a later template", "auf neuere Vorlage gewechselt"],
  action_acknowledge: ["alert acknowledged", "Hinweis zur Kenntnis genommen"],
  "action_sign-preliminary": ["signed as preliminary", "vorläufig signiert"],
  action_sign: ["signed", "signiert"],
  action_revise: ["opened again", "wieder geöffnet"],
  action_discard: ["revision discarded", "Änderung verworfen"],
  action_append: ["addendum", "Nachtrag"],
  action_cancel: ["cancelled", "abgebrochen"],
  action_withdraw: ["withdrawn", "zurückgezogen"],
});
