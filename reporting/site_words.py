"""What the site desk is told of deliveries, long work and proposals, in German: phrases as in `import_words`.

A phrase is a regular expression for the whole of what is said up to a semicolon; `rest` in it is said anew by itself,
and so is each part of a `list`.
"""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    # why no document was made of what came in
    "another object with the same SOP Instance UID was here first": "ein anderes Objekt mit derselben SOP Instance UID "
    "war zuerst da",
    "it stays as it is": "es bleibt, wie es ist",
    "the document has no SOP Instance UID, so it cannot be told from others": "das Dokument hat keine SOP Instance UID "
    "und ist so von anderen nicht zu unterscheiden",
    "the document states another SOP Instance UID than it was sent under": "das Dokument nennt eine andere SOP "
    "Instance UID als die, unter der es gesendet wurde",
    r"this is a mistake in mrrt \((?P<kind>\w+)\)": "das ist ein Fehler in mrrt ({kind})",
    "please report it, without patient data": "bitte melden, ohne Patientendaten",
    "a DICOM SR document was expected": "erwartet war ein DICOM-SR-Dokument",
    "The file is empty": "Die Datei ist leer",
    r"The file is (?P<rest>.+)": "Die Datei ist {rest}",
    r"(?P<rest>.+) \(SOP class (?P<uid>[\d.]+)\)": "{rest} (SOP-Klasse {uid})",
    "The DICOM file names no SOP class and has no content": "Die DICOM-Datei nennt keine SOP-Klasse und hat keinen "
    "Inhalt",
    "The file ends after its DICOM file header": "Die Datei endet nach ihrem DICOM-Dateikopf",
    "The file ends within its DICOM file header": "Die Datei endet in ihrem DICOM-Dateikopf",
    "the document itself is missing": "das Dokument selbst fehlt",
    r"The DICOM file cannot be read: (?P<rest>.+)": "Die DICOM-Datei ist nicht lesbar: {rest}",
    "send it from the device once more": "vom Gerät noch einmal senden",
    r"A part of the document is missing: (?P<rest>.+)": "Ein Teil des Dokuments fehlt: {rest}",
    r"1 measurement could be read before\. (?P<rest>.+)": "1 Messwert war davor lesbar. {rest}",
    r"(?P<n>\d+) measurements could be read before\. (?P<rest>.+)": "{n} Messwerte waren davor lesbar. {rest}",
    r"it is cut off or damaged at byte (?P<n>\d+)": "ab Byte {n} abgeschnitten oder beschädigt",
    "its compressed part is damaged": "der komprimierte Teil ist beschädigt",
    r"its content is nested more than (?P<n>\d+) levels deep": "der Inhalt ist tiefer als {n} Ebenen verschachtelt",
    r"its sequences are nested more than (?P<n>\d+) levels deep": "die Sequenzen sind tiefer als {n} Ebenen "
    "verschachtelt",
    # what a file is
    "a CT image": "ein CT-Bild",
    "an MR image": "ein MR-Bild",
    "an ultrasound image": "ein Ultraschallbild",
    "an ultrasound cine loop": "eine Ultraschall-Bildfolge",
    "a secondary capture image": "ein Secondary-Capture-Bild",
    "an encapsulated document": "ein eingebettetes Dokument",
    "a DICOMDIR": "ein DICOMDIR",
    "a DICOM object": "ein anderes DICOM-Objekt",
    "a PDF": "ein PDF",
    "a ZIP archive": "ein ZIP-Archiv",
    "a gzip archive": "ein gzip-Archiv",
    "a JPEG image": "ein JPEG-Bild",
    "a PNG image": "ein PNG-Bild",
    "an XML or HTML text": "ein XML- oder HTML-Text",
    "a JSON text": "ein JSON-Text",
    "an HL7 v2 message": "eine HL7-v2-Nachricht",
    "a plain text": "ein einfacher Text",
    "not in DICOM format": "nicht im DICOM-Format",
    # what could be done about a measurement without a place
    r'the device calls its private code "(?P<code>.*)", and a binding wants "(?P<meant>.*)"': "das Gerät nennt seinen "
    "privaten Code „{code}“, und eine Zuordnung erwartet „{meant}“",
    "the device sends no unit": "das Gerät sendet keine Einheit",
    "where there is evidence, a profile may say which one it means instead of UNIT": "ist belegt, welche es meint, "
    "kann ein Profil sie statt UNIT nennen",
    "no free field of the template fits": "kein freies Feld der Vorlage passt",
    "FIELD is to be its key": "FIELD steht für seinen Schlüssel",
    r'a reader put it into "(?P<field>.*)"': "ein Befunder hat ihn in „{field}“ eingetragen",
    r'no binding fills "(?P<field>.*)" yet': "noch füllt keine Zuordnung „{field}“",
    # what long work does, and how it ended
    "compares value rows with their documents": "vergleicht Wertezeilen mit ihren Dokumenten",
    "writes values": "schreibt Werte",
    "reads the archive": "liest das Archiv",
    "checks the audit log": "prüft das Audit-Log",
    "Cancelled": "Abgebrochen",
    r"(?P<n>\d+) reports compared, (?P<wrong>\d+) differed and were mended": "{n} Befunde verglichen, {wrong} wichen "
    "ab und wurden berichtigt",
    r"(?P<n>\d+) values of (?P<reports>\d+) reports": "{n} Werte aus {reports} Befunden",
    r"(?P<n>\d+) files: (?P<list>.+)": "{n} Dateien: {list}",
    "nothing": "nichts",
    r"(?P<n>\d+) created": "{n} gespeichert",
    r"(?P<n>\d+) updated": "{n} als neue Fassung gespeichert",
    r"(?P<n>\d+) unchanged": "{n} schon gespeichert",
    r"(?P<n>\d+) refused": "{n} abgewiesen",
    r"(?P<n>\d+) unreadable": "{n} nicht lesbar",
    r"(?P<n>\d+) ignored": "{n} ausgelassen",
    r"The audit log was checked: (?P<rest>.+)": "Das Audit-Log wurde geprüft: {rest}",
    "intact": "unversehrt",
    "1 finding": "1 Auffälligkeit",
    r"(?P<n>\d+) findings": "{n} Auffälligkeiten",
    r"The process ended (?P<n>\d+) times while it did this job": "Der Prozess endete {n}-mal während dieser Arbeit",
    "it is not tried again": "sie wird nicht noch einmal versucht",
    "The server made a mistake. It is in the log under the id of the job.": "Der Server hat einen Fehler gemacht. Er "
    "steht im Protokoll unter der Kennung der Arbeit.",
}
