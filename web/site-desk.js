// The site desk: devices and what nobody wanted of theirs, people, software, the audit log, and long work.

import { Desk } from "./desk.js";

class SiteDesk extends Desk {
  root = "site";
  title = "siteDesk";
  tabs = [
    { name: "devices", permission: "read-unmapped", load: () => import("./site-devices.js") },
    { name: "people", permission: "manage-accounts", load: () => import("./site-people.js") },
    { name: "software", permission: "manage-tokens", load: () => import("./site-software.js") },
    { name: "audit", permission: "read-audit", load: () => import("./site-audit.js") },
    { name: "jobs", permission: "manage-jobs", load: () => import("./site-jobs.js") },
    { name: "trial", permission: "read-trial", load: () => import("./site-trial.js") },
  ];
}

customElements.define("mrrt-site-desk", SiteDesk);
