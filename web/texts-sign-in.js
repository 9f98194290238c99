// Texts of the window that asks who it is.

import { addTexts } from "./strings.js";

addTexts({
  signInTitle: ["Sign in", "Anmelden"],
  signIn: ["Sign in", "Anmelden"],
  signInProvider: ["Sign in with the account of your institution", "Mit dem Konto Ihrer Einrichtung anmelden"],
  signInWrong: ["Name or password is wrong.", "Name oder Passwort ist falsch."],
  signInLater: ["Too many attempts. Wait some minutes.", "Zu viele Versuche. Bitte einige Minuten warten."],
  providerRefused: [
    "Your institution's sign-in did not work. Try again, or ask who looks after it.",
    "Die Anmeldung Ihrer Einrichtung ist fehlgeschlagen. Bitte noch einmal versuchen oder dort nachfragen.",
  ],
  accountName: ["Name", "Name"],
  password: ["Password", "Passwort"],
});
