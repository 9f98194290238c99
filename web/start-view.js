// Where work begins: what waits for the reader, and a new report from files or with a template of one's choice.

import "./new-report.js";
import { listed } from "./titles.js";
import "./worklist.js";

class StartView extends HTMLElement {
  connectedCallback() {
    document.getElementById("context").replaceChildren();
    const templates = listed();
    templates.catch(() => null); // each of them says so
    const form = /** @type {any} */ (document.createElement("mrrt-new-report"));
    const worklist = Object.assign(document.createElement("mrrt-worklist"), { listed: templates, choose: (study) => form.begin(study) });
    form.listed = templates;
    this.replaceChildren(worklist, form);
  }
}

customElements.define("mrrt-start", StartView);
