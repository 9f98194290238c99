// A new report from SR documents, dropped, chosen, or of a study of the worklist, and a template.

import * as api from "./api.js";
import { h, icon } from "./dom.js";
import { moment, personName } from "./format.js";
import { statusText } from "./report-header.js";
import "./texts-shared.js";
import "./texts-start.js";
import { titleOf } from "./titles.js";
import { place } from "./worklist-rows.js";
import { LANGUAGES, LANGUAGE_NAMES, language, t } from "./strings.js";

class NewReport extends HTMLElement {
  /** The templates of the site, when they are known. @type {Promise<any[]>} */ listed;
  /** @type {{name: string, receipt?: any, error?: string}[]} */ files = [];
  /** @type {any[]} */ templates = [];
  /** Reports of the examinations that the files are of. @type {any[]} */ reports = [];
  said = h("div", { class: "already", role: "status" });
  ofStudy = false;
  isReading = false;
  #turn = 0;
  /** The template and language that the reader chose; until then they follow the document and the page. */
  chosen = { template: "", language: "" };

  connectedCallback() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    document.addEventListener("mrrt:language", () => this.render(), { signal });
    this.addEventListener("dragover", (event) => this.#drag(event, true));
    this.addEventListener("dragleave", (event) => this.#drag(event, false));
    this.addEventListener("drop", (event) => {
      this.#drag(event, false);
      this.#receive(event.dataTransfer.files);
    });
    this.render();
    this.#load();
  }

  disconnectedCallback() {
    this.listening.abort();
  }

  async #load() {
    try {
      this.templates = await this.listed;
    } catch (error) {
      this.#say(error);
    }
    this.render();
  }

  render() {
    const failure = this.failure && h("p", { class: "failure", role: "alert" }, this.failure);
    this.replaceChildren(
      h("section", { class: "new", "aria-labelledby": "new-title" },
        h("h2", { id: "new-title" }, t("newReport")), this.#dropZone(), this.#fileList(), this.#already(), this.#choices(), failure));
  }

  #dropZone() {
    const receive = (event) => this.#receive(event.target.files);
    return h("label", { class: "drop" }, icon("imported"), h("span", {}, t("dropHere")),
      h("input", { type: "file", id: "files", multiple: true, class: "visually-hidden", onchange: receive }));
  }

  #fileList() {
    if (!this.files.length) return null;
    return h("ul", { class: "files" }, this.files.map((file) => {
      const about = file.receipt
        ? [file.receipt.title?.meaning, personName(file.receipt.patient.name), t("measurements", { n: file.receipt.measurements })]
        : [file.error ?? t("reading")];
      const remove = () => {
        this.files = this.files.filter((other) => other !== file);
        this.render();
        this.querySelector("#files").focus();
      };
      return h("li", { class: file.error ? "failed" : null },
        h("span", { class: "name" }, file.name), h("span", { class: "about" }, about.filter((part) => part && part !== file.name).join(" · ")),
        h("button", { type: "button", class: "quiet", "aria-label": t("remove", { name: file.name }), onclick: remove }, "×"));
    }));
  }

  /** What was reported of these examinations already: a second report may be a mistake. */
  #already() {
    const studies = this.#studies();
    const lines = this.reports.filter((one) => studies.includes(one.study_instance_uid)).map((one) => h("li", {},
      h("a", { href: place(one.id) }, titleOf(one.template, one.template_title)), " ",
      h("span", { class: `status ${one.status}` }, statusText(one.status)),
      h("span", { class: "about" }, [one.signed_by ?? one.author, moment(one.signed_at ?? one.updated_at)].join(" · "))));
    this.said.replaceChildren(...(lines.length ? [h("p", {}, t("already")), h("ul", {}, lines)] : []));
    return this.said;
  }

  #studies() {
    return [...new Set(this.files.map(({ receipt }) => receipt?.study.study_instance_uid).filter(Boolean))];
  }

  async #lookUp() {
    const found = await Promise.all(this.#studies().map((study) => api.json(`reports?study=${encodeURIComponent(study)}`))).catch(() => []); // a hint: making a report does not wait for it
    this.reports = found.flatMap(({ reports }) => reports).filter(({ status }) => !["cancelled", "entered-in-error"].includes(status));
    this.#already();
  }

  #choices() {
    const fields = this.#fitting();
    let template = this.chosen.template || this.#best(fields);
    const chosenLanguage = this.chosen.language || language();
    const says = () => (fields.has(template) ? t("fitting", { n: fields.get(template) }) : "");
    const pick = (name) => (event) => {
      this.chosen[name] = event.target.value; // nothing is drawn anew: somebody may go on typing a name
      template = this.chosen.template || template;
      this.querySelector("#fit").textContent = says();
      this.querySelector("#create").disabled = !template || this.isReading;
    };
    const options = this.templates.map((one) => {
      const broken = one.problems.some((problem) => problem.severity === "error");
      const text = [titleOf(one.name, one.title) || one.name, broken ? t("unusable") : null].filter(Boolean).join(": ");
      return h("option", { value: one.name, disabled: broken, selected: one.name === template }, text);
    });
    return h("div", { class: "choices" },
      h("div", {},
        h("label", {}, h("span", {}, t("template")),
          h("select", { id: "template", "aria-describedby": "fit", onchange: pick("template") },
            !template && this.ofStudy && h("option", { value: "", selected: true }, t("chooseTemplate")), options)),
        h("p", { class: "muted", id: "fit" }, says())),
      h("label", {}, h("span", {}, t("reportLanguage")), h("select", { id: "language", onchange: pick("language") },
        LANGUAGES.map((code) =>
          h("option", { value: code, lang: code, selected: code === chosenLanguage }, LANGUAGE_NAMES[code])))),
      h("button", { type: "button", id: "create", class: "primary", disabled: !template || this.isReading, onclick: () => this.#create() },
        t(this.busy ? "creating" : "create")));
  }

  /** How many fields of each template the files fill, as the server says. @returns {Map<string, number>} */
  #fitting() {
    const fields = new Map();
    for (const { template, fields: n } of this.files.flatMap((file) => file.receipt?.fits ?? [])) {
      fields.set(template, (fields.get(template) ?? 0) + n);
    }
    return fields;
  }

  /** The template that the files fill best, else the first; none for a study that none fits. @param {Map<string, number>} fields */
  #best(fields) {
    if (this.ofStudy && !fields.size) return "";
    const usable = this.templates.filter((one) => one.title);
    return usable.reduce((best, one) => ((fields.get(one.name) ?? 0) > (fields.get(best.name) ?? 0) ? one : best), usable[0])?.name;
  }

  #drag(event, over) {
    event.preventDefault();
    this.toggleAttribute("data-over", over);
  }

  /** @param {FileList} list */
  async #receive(list) {
    const added = [...list].map((file) => ({ name: file.name, file }));
    this.files = [...this.files, ...added];
    this.ofStudy = this.isReading = false;
    this.#turn += 1;
    this.failure = "";
    this.render();
    await Promise.all(added.map(async (entry) => {
      try {
        entry.receipt = await api.receive(entry.file, language());
      } catch (error) {
        entry.error = this.#words(error);
      }
    }));
    this.render();
    this.querySelector("#create").focus(); // what comes next is one key away
    this.#lookUp();
  }

  /** Take the documents of a study, and let the reader choose the template. @param {any} study */
  async begin(study) {
    const turn = (this.#turn += 1);
    this.files = [];
    this.ofStudy = this.isReading = true;
    this.chosen.template = "";
    this.failure = "";
    this.#goTo("template");
    try {
      const lines = await api.documentsOf(study.study_instance_uid);
      const files = lines.map((line) => ({ name: line.title, uid: line.sop_instance_uid }));
      await Promise.all(files.map((entry) => this.#read(entry)));
      if (turn !== this.#turn) return; // another study was chosen meanwhile
      this.files = files;
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#say(error);
    }
    this.isReading = false;
    if (this.contains(document.activeElement)) this.#goTo("template");
    else this.render();
  }

  async #read(entry) {
    try {
      const document = await api.document(entry.uid, language());
      entry.receipt = { ...document, measurements: document.measurements.length };
      entry.name = document.title?.meaning || entry.name || entry.uid;
    } catch (error) {
      entry.error = this.#words(error);
    }
  }

  #goTo(id) {
    this.render();
    /** @type {HTMLElement} */ (this.querySelector(`#${id}`)).focus();
  }

  async #create() {
    if (this.busy) return;
    this.busy = true;
    const template = this.querySelector("#template").value;
    const reportLanguage = this.querySelector("#language").value;
    const documents = this.files.map((file) => file.receipt?.sop_instance_uid).filter(Boolean);
    try {
      const report = await api.create(template, documents, reportLanguage);
      location.hash = `#/reports/${encodeURIComponent(report.id)}`;
    } catch (error) {
      this.busy = false;
      this.#say(error);
      this.render();
      this.querySelector("#create").focus();
    }
  }

  #words(error) {
    return error.status === 0 ? t("serverAway") : error.message;
  }

  #say(error) {
    this.failure = t("failed", { detail: this.#words(error) });
  }
}

customElements.define("mrrt-new-report", NewReport);
