// The template desk: every template with what it holds, a page looked over before it is stored, and the logic as tables.

import { Desk } from "./desk.js";
import "./texts-templates.js";

class TemplateDesk extends Desk {
  root = "templates";
  title = "templateDesk";
  tabs = [
    { name: "all", permission: "read-templates", load: () => import("./template-list.js") },
    { name: "import", permission: "manage-templates", load: () => import("./template-import.js") },
    { name: "one", permission: "read-templates", within: "all", load: () => import("./template-one.js") },
  ];
}

customElements.define("mrrt-template-desk", TemplateDesk);
