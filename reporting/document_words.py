"""What reading, profiles and replacement say of SR documents, in German: phrases as in `import_words`.

A phrase is a regular expression for the whole of what is said up to a semicolon; what the device wrote stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

GERMAN: Mapping[str, str] = {
    # the document as a whole
    "The document has no content items": "Das Dokument hat keinen Inhalt",
    "it may have been cut off": "es ist vielleicht abgeschnitten",
    r"The document has no (?P<first>SOP\w+) and no (?P<second>SOP\w+)": "Im Dokument fehlen {first} und {second}",
    r"The document has no (?P<first>SOP\w+)": "Im Dokument fehlt {first}",
    "1 measurement could be read before": "1 Messwert war davor lesbar",
    r"(?P<n>\d+) measurements could be read before": "{n} Messwerte waren davor lesbar",
    r"it holds more than (?P<n>\d+) measurements and findings": "es enthält mehr als {n} Messwerte und Angaben",
    r"(?P<n>\d+) items were left out": "{n} Elemente blieben weg",
    r"The file is not encoded as it says: (?P<rest>.+)": "Die Datei ist nicht so kodiert, wie sie angibt: {rest}",
    r"it is (?P<word>big|little) endian, and its file header says otherwise": "ihre Bytefolge ist {word} endian, "
    "anders als ihr Dateikopf sagt",
    "it is not deflated, and its file header says so": "sie ist nicht komprimiert, anders als ihr Dateikopf sagt",
    "its deflated part has the header of zlib, which DICOM leaves out": "ihr komprimierter Teil hat den Kopf von zlib, "
    "den DICOM weglässt",
    r"Names and texts may be misspelt: (?P<rest>.+)": "Namen und Texte sind vielleicht falsch geschrieben: {rest}",
    r'the character set "(?P<set>.*)" is not known': 'der Zeichensatz "{set}" ist nicht bekannt',
    "text looks like UTF-8, and no character set is declared": "Text sieht nach UTF-8 aus, und kein Zeichensatz ist "
    "angegeben",
    r"text looks like UTF-8, and (?P<set>.+) is declared": "Text sieht nach UTF-8 aus, angegeben ist {set}",
    "text does not agree with the declared character set": "Text passt nicht zum angegebenen Zeichensatz",
    r"The document (?P<uid>[\d.]+) of (?P<at>\S+) no longer counts: (?P<rest>.+)": "Das Dokument {uid} vom {at} gilt "
    "nicht mehr: {rest}",
    r"The document (?P<uid>[\d.]+) no longer counts: (?P<rest>.+)": "Das Dokument {uid} gilt nicht mehr: {rest}",
    r"the document (?P<uid>[\d.]+) names it as its predecessor": "das Dokument {uid} nennt es als seinen Vorgänger",
    r"the document (?P<uid>[\d.]+) of the same series says everything again": "das Dokument {uid} derselben Serie "
    "sagt alles noch einmal",
    r"The documents (?P<uid>[\d.]+) and (?P<other>[\d.]+) each name the other as predecessor": "Die Dokumente {uid} "
    "und {other} nennen einander als Vorgänger",
    "both count": "beide gelten",
    # one item of it
    r"(?P<code>.+) has no measured value": "{code} hat keinen Messwert",
    r"(?P<code>.+) has an empty numeric value": "{code} hat einen leeren Zahlenwert",
    r"(?P<code>.+) has (?P<n>\d+) values": "{code} hat {n} Werte",
    "none was taken": "keiner wurde übernommen",
    r'(?P<code>.+) has the value "(?P<sent>.*)", which is not a decimal number': '{code} hat den Wert "{sent}", das '
    "ist keine Dezimalzahl",
    r'(?P<code>.+) is sent as "(?P<sent>.*)", with a comma': '{code} kam als "{sent}", mit einem Komma',
    r'(?P<code>.+) is sent as "(?P<sent>.*)", with its unit': '{code} kam als "{sent}", mit seiner Einheit',
    r'(?P<code>.+) is sent as "(?P<sent>.*)" in the unit (?P<unit>.+)': '{code} kam als "{sent}" in der Einheit {unit}',
    r'(?P<code>.+) is sent as "(?P<sent>.*)" and qualified as (?P<place>.+)': '{code} kam als "{sent}" mit dem Vermerk '
    "{place}",
    r"(?P<code>.+) has (?P<n>\d+) characters where (?P<most>\d+) are allowed": "{code} hat {n} Zeichen, erlaubt sind "
    "{most}",
    "read as it stands": "gelesen, wie es dasteht",
    r"read as (?P<value>.+)": "gelesen als {value}",
    "not taken": "nicht übernommen",
    r"(?P<code>.+) has no value: (?P<place>.+)": "{code} hat keinen Wert: {place}",
    r"(?P<code>.+) has the value (?P<value>\S+) without a unit": "{code} hat den Wert {value} ohne Einheit",
    r'(?P<code>.+) has the unit "(?P<unit>.*)" of the scheme (?P<scheme>.+)': '{code} hat die Einheit "{unit}" des '
    "Schemas {scheme}",
    r'(?P<code>.+) has the unit "(?P<unit>.*)"': '{code} hat die Einheit "{unit}"',
    r"the side is stated as (?P<word>\w+) below what is stated as (?P<around>\w+)": "die Seite ist {word} angegeben, "
    "unter einer Angabe {around}",
    r"the side is stated as (?P<sent>.+)": "als Seite ist {sent} angegeben",
    r"(?P<code>.+) is stated as (?P<place>.+) and (?P<other_place>.+)": "{code} ist doppelt angegeben: {place} und "
    "{other_place}",
    "neither was taken": "keines wurde übernommen",
    "a measurement has no concept name": "ein Messwert nennt keine Messgröße",
    r"a measurement refers to the item (?P<path>[\d.]+), which is not there or refers back": "ein Messwert verweist "
    "auf das Element {path}, das nicht da ist oder zurück verweist",
    r"The same holds for (?P<n>\d+) further items, which are not listed": "Dasselbe gilt für {n} weitere, nicht "
    "aufgeführte Elemente",
    # what a vendor profile did
    r"Profile (?P<title>[^:]+): (?P<rest>.+), 1 item": "Profil {title}: {rest}, 1 Element",
    r"Profile (?P<title>[^:]+): (?P<rest>.+), (?P<n>\d+) items": "Profil {title}: {rest}, {n} Elemente",
    r"[Pp]rofile (?P<title>[^:]+): (?P<rest>.+)": "Profil {title}: {rest}",
    r"code (?P<sent>\(.+\)) read as (?P<meant>\(.+\))": "Code {sent} gelesen als {meant}",
    r"site (?P<sent>\(.+\)) read as (?P<meant>\(.+\))": "Ort {sent} gelesen als {meant}",
    r'the comma of "(?P<sent>.*)" is a decimal comma': 'das Komma von "{sent}" ist ein Dezimalkomma',
    r'the comma of "(?P<sent>.*)" is no decimal comma': 'das Komma von "{sent}" ist kein Dezimalkomma',
    r"(?P<sent>\(.+\)) without a unit is in (?P<unit>.+)": "{sent} ohne Einheit ist in {unit}",
    r'the texts (?P<sent>".*") and (?P<other>".*") say different things': "die Texte {sent} und {other} "
    "widersprechen sich",
    r'the text "(?P<sent>.*)" says (?P<word>right|left|bilateral|unilateral), the document (?P<around>\w+)': "der Text "
    '"{sent}" sagt {word}, das Dokument {around}',
    r'the text "(?P<sent>.*)" says (?P<word>right|left|bilateral|unilateral), another profile (?P<around>\w+)': "der "
    'Text "{sent}" sagt {word}, ein anderes Profil {around}',
    r'the text "(?P<sent>.*)" says (?P<word>right|left|bilateral|unilateral), the document what is no side': "der Text "
    '"{sent}" sagt {word}, das Dokument nennt keine gültige Seite',
    r'the text "(?P<sent>.*)" says (?P<places>.+)': 'der Text "{sent}" sagt {places}',
    "it was not taken": "er wurde nicht übernommen",
    "equal values are two": "gleiche Werte sind zwei",
    "equal values are one": "gleiche Werte sind einer",
    # how to mend it
    "Check names": "Namen prüfen",
    "set up the device": "das Gerät einrichten",
    "Set up the device": "Das Gerät einrichten",
    "see the profile": "siehe Profil",
}
