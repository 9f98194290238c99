// What the trial mode says in the report.

import { addTexts } from "./strings.js";

addTexts({
  trialNotice: ["Trial: time, keys and clicks are counted.", "Studie: Zeit, Tasten und Klicks werden gezählt."],
});
