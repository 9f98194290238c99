// The page: what stands in the top bar, and which view fills the rest. The address says which: #/, #/reports/ID, ...

import { onUnknown, session } from "./api.js";
import { h } from "./dom.js";
import { showShortcuts } from "./shortcuts.js";
import { LANGUAGES, LANGUAGE_NAMES, language, setLanguage, t } from "./strings.js";
import { goBack, whoIsIt } from "./who.js";

const THEMES = ["dark", "light", "auto"];
const main = document.getElementById("main");

/** The views by the first part of the address; each is loaded when it is first shown. */
const ROOMS = {
  "": { load: () => import("./start-view.js"), tag: "mrrt-start" },
  reports: { load: () => import("./report-view.js"), tag: "mrrt-report" },
  site: { load: () => import("./site-desk.js"), tag: "mrrt-site-desk" },
  templates: { load: () => import("./template-desk.js"), tag: "mrrt-template-desk" },
};

function tools() {
  const pick = (label, options, selected, choose) =>
    h("select", { "aria-label": label, class: "quiet", onchange: (event) => choose(event.target.value) },
      options.map(([value, text]) => h("option", { value, selected: value === selected }, text)));
  document.getElementById("tools").replaceChildren(
    pick(t("language"), LANGUAGES.map((code) => [code, LANGUAGE_NAMES[code]]), language(), chooseLanguage),
    pick(t("theme"), THEMES.map((name) => [name, t(name)]), document.documentElement.dataset.theme, chooseTheme),
    h("button", { type: "button", class: "quiet", "aria-label": t("shortcuts"), onclick: showShortcuts }, "?"),
    h("span", { id: "who" }),
  );
  whoIsIt().then((who) => document.getElementById("who").replaceChildren(...who));
  document.getElementById("skip").textContent = t("skip");
  document.getElementById("brand").setAttribute("aria-label", t("home"));
}

const preferred = () => localStorage.getItem("mrrt.language") ?? navigator.language.slice(0, 2);

/** Speak a language; rooms are drawn anew only where it is another one. @param {string} code */
function speak(code) {
  if ((LANGUAGES.includes(code) ? code : LANGUAGES[0]) !== language()) setLanguage(code);
  else if (main.firstElementChild) tools();
}

function chooseLanguage(code) {
  localStorage.setItem("mrrt.language", code);
  setLanguage(code);
  document.querySelector("#tools select").focus(); // the select it was chosen in has been made anew
}

function chooseTheme(name) {
  localStorage.setItem("mrrt.theme", name);
  document.documentElement.dataset.theme = name;
  document.dispatchEvent(new Event("mrrt:theme"));
  tools();
}

let shown = location.hash;
let asked = 0;
const signIn = async () => (await import("./sign-in.js")).signIn();
let met = null;
/** What may be done, and whose clock holds, is known before a room is shown. */
const meet = () => (met ??= session().then(() => "", () => "")); // who is not let in is asked there
const firstRoom = async () => (await import("./first-room.js")).firstRoom(signIn);

async function show() {
  const left = /** @type {any} */ (main.firstElementChild);
  if (left?.isStuck && location.hash !== shown && !window.confirm(t("leave"))) return history.replaceState(null, "", shown || "#/");
  shown = location.hash;
  const turn = (asked += 1);
  const [, name, ...rest] = location.hash.split("/");
  const room = ROOMS[name ?? ""] ?? ROOMS[""];
  const [instead] = await Promise.all([room === ROOMS[""] ? firstRoom() : meet(), room.load()]);
  if (turn !== asked) return undefined;
  if (instead) return location.replace(instead);
  document.title = "mrrt";
  speak(preferred()); // a report brings its own
  const there = /** @type {any} */ (main.firstElementChild);
  if (there?.enter && there.localName === room.tag) return there.enter(rest);
  const view = Object.assign(document.createElement(room.tag), name === "reports" ? { reportId: decodeURIComponent(rest[0] ?? "") } : { place: rest });
  main.replaceChildren(view);
  return window.scrollTo(0, 0);
}

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the hash is the address of the view
  main.focus();
});
document.addEventListener("mrrt:language", tools);
document.addEventListener("mrrt:session", async () => {
  tools();
  if (main.firstElementChild?.localName !== ROOMS[""].tag) return;
  const instead = await firstRoom(); // somebody else may have another one
  if (instead) location.replace(instead);
});
document.addEventListener("mrrt:choose", (event) => {
  const { theme, language: code } = /** @type {CustomEvent} */ (event).detail;
  if (theme) chooseTheme(theme);
  if (code) chooseLanguage(code);
});
window.addEventListener("hashchange", show);
onUnknown(signIn);
goBack();
setLanguage(preferred()); // also for a window that asks who it is before there is a room
show();
