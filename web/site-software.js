// What software signs in with: tokens, and clients that get short-lived ones. A secret is shown once.

import * as api from "./desk-api.js";
import { action, section, table } from "./desk.js";
import { h } from "./dom.js";
import { moment } from "./format.js";
import { askForm } from "./form-dialog.js";
import { roleChoices, roleNames } from "./site-people.js";
import { begins } from "./site-days.js";
import { t } from "./strings.js";

/** @param {HTMLElement} pane @param {any} [made] what was just made, with its secret */
export async function show(pane, made) {
  const found = await api.get("tokens");
  const again = (one) => show(pane, one);
  const button = (kind) => h("button", { type: "button", class: "small", id: `add-${kind}`, onclick: () => askForm({
    title: t(`add_${kind}`), explain: t(`explain_${kind}`), act: t("add"),
    fields: [
      { name: "name", label: t("whatFor") }, { name: "roles", label: t("roles"), type: "choices", choices: roleChoices(), value: ["device"] },
      { name: "expires", label: t("expiresOn"), type: "date", optional: true },
    ],
    take: async ({ expires, ...wanted }) => again(await api.send("POST", "tokens", { ...wanted, kind, ...(expires ? { expires_at: lastSecond(expires) } : {}) })),
  }) }, t(`add_${kind}`));
  pane.replaceChildren(section(t("site_software"), [button("token"), button("client")], made?.secret && secret(made),
    table(t("site_software"), ["whatFor", "kind", "roles", "lastUsed", "state", "actions"].map((key) => t(key)), found.map((one) => row(one, again)))));
}

/** Of the day that somebody chose, so that the table names the same. @param {string} day "2026-01-31" */
const lastSecond = (day) => new Date(begins(day, 1).valueOf() - 1000).toISOString();

function secret(made) {
  const copy = h("button", { type: "button", class: "small", onclick: async () => {
    await navigator.clipboard.writeText(made.secret);
    copy.textContent = t("copiedShort");
  } }, t("copy"));
  return h("div", { class: "secret", role: "status" }, h("p", {}, t("secretOnce")), h("p", {}, h("code", { tabindex: "0" }, made.secret), " ", copy));
}

function row(one, again) {
  const over = one.revoked_at !== null;
  const state = over ? t("revokedOn", { when: moment(one.revoked_at) }) : one.expires_at ? t("until", { when: moment(one.expires_at) }) : t("active");
  return h("tr", { class: over ? "off" : null }, h("th", { scope: "row" }, one.name), h("td", {}, t(`kind_${one.kind}`)), h("td", {}, roleNames(one.roles)),
    h("td", {}, one.last_used_at ? h("time", { datetime: one.last_used_at }, moment(one.last_used_at)) : t("never")), h("td", {}, state),
    h("td", { class: "acts" }, !over && action(t("revoke"), async () => {
      if (!window.confirm(t("revokeSure", { name: one.name }))) return;
      await api.send("DELETE", `tokens/${encodeURIComponent(one.id)}`);
      await again();
    }, `${t("revoke")}: ${one.name}`)));
}
