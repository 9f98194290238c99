// Signing in: a window over the page, so that nothing that was typed is lost.

import * as api from "./api.js";
import { h, showOver } from "./dom.js";
import { setOwner } from "./outbox.js";
import "./texts-sign-in.js";
import { t } from "./strings.js";
import { keepPlace } from "./who.js";

let waiting = null;

/** Ask who it is, once for all requests that wait. Resolves when somebody is signed in. @returns {Promise<void>} */
export function signIn() {
  waiting ??= ask().finally(() => (waiting = null));
  return waiting;
}

async function ask() {
  const { name, methods } = await api.session();
  if (name) return undefined; // in another tab, meanwhile
  return new Promise((done) => {
    const problem = h("p", { class: "failure", role: "alert", id: "sign-in-problem" },
      location.hash.startsWith("#/sign-in/refused") ? t("providerRefused") : "");
    const field = (name, type, autocomplete) => h("label", {}, h("span", {}, t(name)),
      h("input", { id: `sign-in-${name}`, type, autocomplete, required: true, "aria-describedby": "sign-in-problem" }));
    const act = h("button", { class: "primary" }, t("signIn"));
    const dialog = h("dialog", { class: "sign-in", "aria-labelledby": "sign-in-title", oncancel: (event) => event.preventDefault() },
      h("h2", { id: "sign-in-title" }, t("signInTitle")),
      methods.includes("oidc") && h("p", {}, h("a", { href: "api/v1/session/oidc", onclick: keepPlace }, t("signInProvider"))),
      methods.includes("password") && h("form", { method: "post" },
        field("accountName", "text", "username"), field("password", "password", "current-password"), problem,
        h("div", { class: "actions" }, act)),
      !methods.includes("password") && problem);
    dialog.querySelector("form")?.addEventListener("submit", async (event) => {
      event.preventDefault();
      const [name, password] = [...dialog.querySelectorAll("input")].map((input) => input.value);
      act.disabled = true;
      try {
        setOwner((await api.enter(name, password)).name); // before anything asks for what waits
        dialog.close();
        document.dispatchEvent(new Event("mrrt:session"));
        done();
      } catch (error) {
        problem.textContent = error.status === 401 ? t("signInWrong") : error.status === 429 ? t("signInLater")
          : t("failed", { detail: error.status === 0 ? t("serverAway") : error.message });
        act.disabled = false;
        dialog.querySelector("#sign-in-password").select();
      }
    });
    showOver(dialog);
  });
}
