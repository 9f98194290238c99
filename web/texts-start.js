// Texts of the page where work begins.

import { addTexts } from "./strings.js";

addTexts({
  reading: ["Reading…", "Wird gelesen …"],
  newReport: ["New report", "Neuer Befund"],
  dropHere: ["Drop DICOM SR files here, or choose them", "DICOM-SR-Dateien hier ablegen oder auswählen"],
  measurements: ["{n} measurements", "{n} Messwerte"],
  remove: ["Remove {name}", "{name} entfernen"],
  reportLanguage: ["Report language", "Sprache des Befunds"],
  create: ["Create the report", "Befund anlegen"],
  creating: ["Creating…", "Wird angelegt …"],
  fitting: ["{n} fields are filled from the files", "{n} Felder werden aus den Dateien gefüllt"],
  unusable: ["cannot be used", "nicht verwendbar"],
  patient: ["Patient", "Patient"],

  worklist: ["Worklist", "Arbeitsliste"],
  search: ["Name, identifier or accession number", "Name, Kennung oder Auftragsnummer"],
  searchLabel: ["Search the worklist", "Arbeitsliste durchsuchen"],
  onlyMine: ["only my drafts", "nur meine Entwürfe"],
  list_unreported: ["New measurements", "Neue Messwerte"],
  list_late: ["Late measurements", "Späte Messwerte"],
  list_drafts: ["Drafts", "Entwürfe"],
  list_to_sign: ["Waiting for the final signature", "Warten auf die endgültige Signatur"],
  list_signed: ["Recently signed", "Zuletzt signiert"],
  unsentTitle: ["Typed here, not in the report yet", "Hier eingegeben, noch nicht im Befund"],
  unsent: ["{n} changes wait in this browser", "{n} Änderungen warten in diesem Browser"],
  start: ["Start {template}", "{template} beginnen"],
  startNone: ["no template fits", "keine passende Vorlage"],
  starting: ["Starting…", "Wird begonnen …"],
  documentsWaiting: ["{n} documents", "{n} Dokumente"],
  oneDocument: ["1 document", "1 Dokument"],
  nothingWaits: ["Nothing waits.", "Nichts wartet."],
  nothingMatches: ["Nothing matches “{text}”.", "Nichts passt zu „{text}“."],
  oneLine: ["Worklist: {n} entries", "Arbeitsliste: {n} Einträge"],
  measuredOn: ["Examined", "Untersucht"],
});
