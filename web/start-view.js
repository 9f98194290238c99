// Where work begins: what waits for the reader, and a new report from files.

import { clear } from "./outbox.js";
import "./new-report.js";
import "./worklist.js";

class StartView extends HTMLElement {
  connectedCallback() {
    document.getElementById("context").replaceChildren();
    this.replaceChildren(document.createElement("mrrt-worklist"), document.createElement("mrrt-new-report"));
  }
}

document.addEventListener("mrrt:signing-out", clear);
customElements.define("mrrt-start", StartView);
