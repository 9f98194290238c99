// People who may sign in: added, given roles, locked out.

import * as api from "./desk-api.js";
import { action, section, table } from "./desk.js";
import { h } from "./dom.js";
import { moment } from "./format.js";
import { askForm } from "./form-dialog.js";
import "./texts-sign-in.js";
import { t } from "./strings.js";

export const ROLES = ["reader", "author", "signer", "template-manager", "auditor", "device", "administrator"];
/** Roles with what each is for. */
export const roleChoices = () => ROLES.map((role) => [role, t(`role_${role}`)]);
export const roleNames = (roles) => roles.map((role) => t(`role_${role}`)).join(", ");

/** @param {HTMLElement} pane @param {string[]} _ @param {any} session */
export async function show(pane, _, session) {
  const accounts = await api.get("accounts");
  const again = () => show(pane, _, session);
  const add = h("button", { type: "button", class: "small", id: "add-account", onclick: () => askForm({
    title: t("addAccount"), act: t("add"),
    fields: [
      { name: "name", label: t("accountName") }, { name: "display_name", label: t("displayName"), optional: true },
      { name: "roles", label: t("roles"), type: "choices", choices: roleChoices(), value: ["reader"] },
      { name: "password", label: t("passwordOrNone"), type: "password", optional: true },
    ],
    take: async ({ password, ...wanted }) => {
      await api.send("POST", "accounts", { ...wanted, ...(password ? { password } : {}) });
      await again();
    },
  }) }, t("addAccount"));
  const note = session.methods.length ? null : h("p", { class: "muted" }, t("signInOff"));
  pane.replaceChildren(section(t("site_people"), [add], note,
    table(t("site_people"), ["accountName", "roles", "state", "changedAt", "actions"].map((key) => t(key)), accounts.map((one) => row(one, again)))));
}

function row(account, again) {
  const change = async (wanted) => {
    await api.send("PATCH", `accounts/${encodeURIComponent(account.name)}`, wanted);
    await again();
  };
  const roles = () => askForm({
    title: t("rolesOf", { name: account.display_name }), act: t("save"),
    fields: [{ name: "roles", label: t("roles"), type: "choices", choices: roleChoices(), value: account.roles, optional: true }], take: change,
  });
  const password = () => askForm({
    title: t("passwordOf", { name: account.display_name }), explain: t("passwordRule"), act: t("save"),
    fields: [{ name: "password", label: t("password"), type: "password" }], take: change,
  });
  const state = [account.disabled ? t("disabled") : t("active"), account.issuer ? t("fromProvider") : account.has_password ? "" : t("withoutPassword")].filter(Boolean).join(", ");
  return h("tr", { class: account.disabled ? "off" : null }, h("th", { scope: "row" }, account.display_name, account.display_name !== account.name && h("span", { class: "muted" }, ` ${account.name}`)),
    h("td", {}, roleNames(account.roles)), h("td", {}, state), h("td", {}, h("time", { datetime: account.changed_at }, moment(account.changed_at))),
    h("td", { class: "acts" },
      h("button", { type: "button", class: "small", "aria-label": t("rolesOf", { name: account.display_name }), onclick: roles }, t("roles")),
      h("button", { type: "button", class: "small", "aria-label": t("passwordOf", { name: account.display_name }), onclick: password }, t("password")),
      action(t(account.disabled ? "enable" : "disable"), () => change({ disabled: !account.disabled }), `${t(account.disabled ? "enable" : "disable")}: ${account.display_name}`)));
}
