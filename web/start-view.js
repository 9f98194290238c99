// Where work begins: what waits for the reader, and a new report from files.

import "./new-report.js";
import "./worklist.js";

class StartView extends HTMLElement {
  connectedCallback() {
    document.getElementById("context").replaceChildren();
    this.replaceChildren(document.createElement("mrrt-worklist"), document.createElement("mrrt-new-report"));
  }
}

customElements.define("mrrt-start", StartView);
