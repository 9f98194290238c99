// Texts that several rooms share, besides those of every page.

import { addTexts } from "./strings.js";

addTexts({
  textNeeded: ["{text}: please say something.", "{text}: bitte ausfüllen."],
  more: ["More", "Mehr"],
  changedAt: ["Changed", "Geändert"],
});
