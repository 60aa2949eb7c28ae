// Registers a passkey or signs in with one. The form says what and where:
//   <form data-passkey="register | sign-in" data-options="URL" data-finish="URL" [data-next="PATH"]
//     data-working data-cancelled data-unsupported data-known data-elsewhere data-failed>
//     [<input name="label">] [<input name="institution">] <button hidden>…</button> <p data-passkey-state role="status"></p></form>
// POST data-options answers {id, options: {publicKey}} with binary fields in base64url; POST data-finish gets
// {id, credential, label, institution, next} and answers {location}; an error is {message}, already in the page's language.

import { words } from "./words.js";

const DEFAULTS = {
  working: "Follow your browser",
  cancelled: "Nothing was done: the browser was closed or took too long. Try again",
  unsupported: "This browser has no passkeys",
  known: "This authenticator holds a passkey for you already",
  elsewhere: "Passkeys do not work at this address: open the centre at its own name",
  failed: "The centre does not answer. Try again",
};

/** An error whose text is for people. */
class Told extends Error {}

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

function base64url(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function post(url, body) {
  const headers = { "content-type": "application/json", accept: "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" });
  const json = await answer.json().catch(() => ({}));
  if (answer.ok) return json;
  throw new Told(json.message ?? `${answer.status}`);
}

/** Asks the authenticator; the answer as the server reads it. */
async function ask(kind, { publicKey }) {
  publicKey.challenge = bytes(publicKey.challenge);
  for (const list of [publicKey.excludeCredentials, publicKey.allowCredentials]) {
    for (const one of list ?? []) one.id = bytes(one.id);
  }
  if (kind === "register") publicKey.user.id = bytes(publicKey.user.id);
  const { credentials } = navigator;
  const made = await (kind === "register" ? credentials.create({ publicKey }) : credentials.get({ publicKey }));
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) response[name] = base64url(made.response[name]);
  }
  return { id: made.id, rawId: base64url(made.rawId), type: made.type, response };
}

function enhance(form) {
  const say = words(form, DEFAULTS);
  const state = form.querySelector("[data-passkey-state]");
  const button = form.querySelector("button");
  const { passkey, options, finish, next } = form.dataset;
  if (!window.PublicKeyCredential) {
    state.textContent = say("unsupported");
    return;
  }
  button.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    state.textContent = say("working");
    try {
      const begun = await post(options, {});
      const credential = await ask(passkey, begun.options);
      const [label, institution] = ["label", "institution"].map((name) => form.elements[name]?.value ?? "");
      const { location } = await post(finish, { id: begun.id, credential, label, institution, next });
      const there = new URL(location, window.location.href);
      if (there.origin === window.location.origin) window.location.assign(there);
    } catch (error) {
      button.disabled = false;
      if (error instanceof Told) state.textContent = error.message;
      else if (error.name === "InvalidStateError") state.textContent = say("known");
      else if (error.name === "SecurityError") state.textContent = say("elsewhere");
      else if (error.name === "NotAllowedError" || error.name === "AbortError") state.textContent = say("cancelled");
      else state.textContent = say("failed");
    }
  });
}

for (const form of document.querySelectorAll("form[data-passkey]")) enhance(form);
