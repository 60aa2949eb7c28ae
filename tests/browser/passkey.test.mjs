// Passkeys in a real browser: Chromium's virtual authenticators answer `navigator.credentials` as a laptop's fingerprint
// reader or a security key would, and the built binary checks what they answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Person, stepsOf, withDemo } from "./kit.mjs";

let demo, browser, omar, lea, nadia, laptop, key;
const EMAIL = "nadia@example.org";

withDemo(async (...both) => {
  [demo, browser] = both;
  [omar, lea] = await Promise.all(["omar", "lea"].map((name) => Person.stepIn(demo, browser, name)));
  nadia = await Person.stepIn(demo, browser, null, "fr-FR");
});

const step = stepsOf(120_000);

/** An authenticator in the browser of `person`: `internal` (the machine's own) or `usb` (a key). */
async function plugIn(person, transport) {
  const cdp = (person.cdp ??= await person.context.newCDPSession(person.page));
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport, hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
  const send = (method, more = {}) => cdp.send(`WebAuthn.${method}`, { authenticatorId, ...more });
  return {
    /** Whether the person's finger, face or PIN is recognised. */
    verifies: (isUserVerified) => send("setUserVerified", { isUserVerified }),
    /** Whether the person touches this one. */
    touched: (enabled) => send("setAutomaticPresenceSimulation", { enabled }),
    credentials: async () => (await send("getCredentials")).credentials,
    holds: (credential) => send("addCredential", { credential }),
    unplug: () => send("removeVirtualAuthenticator"),
  };
}

const said = (person, words) => person.page.locator("[data-passkey-state]").filter({ hasText: words }).first().waitFor();
const at = (person, path) => person.page.waitForURL((url) => url.pathname + url.search === path);
const done = (person, words) => person.page.locator(".notice.ok").filter({ hasText: words }).waitFor();

/** The link in the newest mail to Nadia. */
async function mailedLink(person) {
  await person.open("/outbox");
  await person.page.locator("main tr, main li").filter({ hasText: EMAIL }).first().getByRole("link").first().click();
  await person.clean();
  return person.page.locator('main a[href*="/invitations/"]').getAttribute("href");
}

async function signOut(person) {
  await person.page.locator('form[action="/sign-out"] button').click();
  await at(person, "/");
}

async function signIn(person, next = "") {
  await person.open(`/sign-in${next && `?next=${next}`}`);
  await person.page.locator("form[data-passkey] button").click();
}

/** Follows `path` and expects the portal to answer with the status `status`. */
async function answers(person, path, status) {
  assert.equal((await person.open(path)).status(), status, path);
  person.faults.length = 0; // the browser tells each 4xx on its console
}

let invitation;

step("at another name than the centre's, the page says that passkeys do not work there", async () => {
  const stranger = await Person.stepIn(demo, browser, null);
  await plugIn(stranger, "internal");
  await stranger.page.goto(demo.url.replace("localhost", "127.0.0.1") + "/sign-in");
  await stranger.page.locator("form[data-passkey] button").click();
  await said(stranger, "localhost, not 127.0.0.1");
  await stranger.close();
});

step("a project manager invites a person, who gets a link", async () => {
  await omar.open("/people/invite");
  await omar.fill("Name, as in the identity document", "Nadia Ferrand");
  await omar.page.locator("#email").fill(EMAIL);
  await omar.page.locator("#institution").fill("Université de Lille");
  await omar.page.locator("#lang").selectOption("fr");
  await omar.clean();
  await omar.click("Send the invitation");
  await done(omar, "invitation");
  invitation = await mailedLink(omar);
});

step("the link registers a passkey that the authenticator keeps, and works once", async () => {
  laptop = await plugIn(nadia, "internal");
  await nadia.open(invitation);
  await nadia.sees("Nadia Ferrand");
  await nadia.page.locator("#label").fill("Portable du bureau");
  await nadia.clean();
  await laptop.verifies(false);
  await nadia.page.locator("form[data-passkey] button").click();
  await said(nadia, /Rien n’a été fait.*reconnu/);
  await nadia.clean();
  await laptop.verifies(true);
  await nadia.page.locator("form[data-passkey] button").click();
  await at(nadia, "/me?done=invitation-accepted");
  await nadia.sees("Portable du bureau");
  await nadia.clean();
  const [kept, ...more] = await laptop.credentials();
  assert.deepEqual(more, []);
  assert.ok(kept.isResidentCredential);
  assert.equal(kept.rpId, "localhost");
  await answers(omar, invitation, 404);
});

step("an enrolment agent checks the identity and enrols", async () => {
  await lea.open("/people?q=nadia");
  await lea.page.getByRole("link", { name: "Nadia Ferrand" }).click();
  await lea.page.locator("#identity-document").selectOption("passport");
  await lea.page.locator("#identity-meeting").selectOption({ index: 1 });
  await lea.page.locator("#name-matches").check();
  await lea.clean();
  await lea.click("Record the identity check");
  await done(lea, "identity check");
  await lea.page.locator("#quiz").check();
  await lea.click("Bind the passkeys and enrol");
  await done(lea, "enrolled");
  await lea.clean();
});

step("after signing out, a page of one's own asks to sign in and comes back", async () => {
  await signOut(nadia);
  await nadia.open("/me");
  await at(nadia, "/sign-in?next=/me");
  await nadia.sees("session");
  await nadia.clean();
  await nadia.page.locator("form[data-passkey] button").click();
  await at(nadia, "/me");
  await nadia.sees("Portable du bureau");
  await signOut(nadia);
  await signIn(nadia);
  await at(nadia, "/");
  await nadia.page.getByRole("link", { name: "Nadia Ferrand" }).waitFor();
});

step("without user verification nobody signs in, and each language says why", async () => {
  await signOut(nadia);
  await laptop.verifies(false);
  await signIn(nadia);
  await said(nadia, /Rien n’a été fait.*reconnu/);
  await nadia.page.locator('button[name=lang][value=en]').click();
  await nadia.page.locator("form[data-passkey] button").click();
  await said(nadia, /Nothing was done.*recognise you/);
  await nadia.clean();
  await nadia.page.locator('button[name=lang][value=fr]').click();
});

step("an authenticator that skips the verification is refused by the server", async () => {
  // The page of somebody who rewrote what the server asked for.
  await nadia.page.route("**/sign-in/options", async (route) => {
    const response = await route.fetch();
    const asked = await response.json();
    asked.options.publicKey.userVerification = "discouraged";
    await route.fulfill({ response, json: asked });
  });
  await signIn(nadia);
  await said(nadia, "n’a pas vérifié que c’est vous");
  assert.match(await nadia.page.locator("[data-passkey-state]").innerText(), /code|empreinte/);
  nadia.faults.length = 0;
  await nadia.page.unroute("**/sign-in/options");
  await laptop.verifies(true);
  await lea.page.reload();
  await lea.sees("Sign-in failed");
});

step("a second passkey is added; the same authenticator is not registered twice", async () => {
  await signIn(nadia, "/me");
  await at(nadia, "/me");
  const add = nadia.page.locator('form[action="/me/passkeys"]');
  await add.locator("button").click();
  await said(nadia, "déjà enregistrée");
  key = await plugIn(nadia, "usb");
  await laptop.touched(false);
  await nadia.page.reload();
  await add.locator("input[name=label]").fill("Clé du coffre");
  await add.locator("button").click();
  await at(nadia, "/me?done=passkey-added");
  await nadia.sees("Clé du coffre");
  await nadia.clean();
  assert.equal((await key.credentials()).length, 1);
  await signOut(nadia);
  await signIn(nadia, "/me");
  await at(nadia, "/me");
});

step("a revoked passkey opens nothing, and the last one cannot be revoked", async () => {
  await nadia.click("Révoquer « Portable du bureau »");
  await done(nadia, "révoquée");
  assert.equal(await nadia.page.getByRole("button", { name: /^Révoquer/ }).count(), 0);
  await nadia.clean();
  await signOut(nadia);
  await key.touched(false);
  await laptop.touched(true);
  await signIn(nadia);
  await said(nadia, "n’ouvre pas de compte ici");
  nadia.faults.length = 0;
  await laptop.touched(false);
  await key.touched(true);
  await signIn(nadia, "/me");
  await at(nadia, "/me");
});

step("a session that was closed elsewhere ends, and what was asked comes back after signing in", async () => {
  const phone = await Person.stepIn(demo, browser, null, "fr-FR");
  const copy = await plugIn(phone, "internal");
  await copy.holds((await key.credentials())[0]);
  await signIn(phone, "/me");
  await at(phone, "/me");
  await phone.click("Fermer tous les autres navigateurs");
  await done(phone, "Fermé");
  // A form sent too late leads to the page that it stood on, not to an address that takes only posts.
  await nadia.page.locator('form[action="/me/language"] button').click();
  await at(nadia, "/sign-in?next=/me");
  await nadia.sees("session");
  // The phone's is a copy of the key, so the key's counter is behind what the server saw: a clone is refused.
  await nadia.page.locator("form[data-passkey] button").click();
  await said(nadia, "n’ouvre pas de compte ici");
  nadia.faults.length = 0;
  await nadia.page.locator("form[data-passkey] button").click(); // ahead again
  await at(nadia, "/me");
  await phone.close();
});

step("after the loss of all passkeys the agent's link registers a new one; the old one and open sessions are dead", async () => {
  await lea.page.reload();
  await lea.page.locator("summary").click();
  await lea.page.locator("#recovery-document").selectOption("passport");
  await lea.page.locator("#recovery-meeting").selectOption({ index: 1 });
  await lea.clean();
  await lea.click("Revoke all and make a link");
  const link = (await lea.page.locator("main pre").innerText()).trim();
  await lea.clean();
  assert.ok(link.startsWith(`${demo.url}/recovery/`), link);
  await nadia.open("/me");
  await at(nadia, "/sign-in?next=/me");
  await nadia.page.locator("form[data-passkey] button").click();
  await said(nadia, "n’ouvre pas de compte ici");
  nadia.faults.length = 0;
  await key.unplug();
  await laptop.unplug();

  const renewed = await Person.stepIn(demo, browser, null, "en-GB");
  const fresh = await plugIn(renewed, "internal");
  const path = new URL(link).pathname;
  await renewed.open(path);
  await renewed.clean();
  await renewed.page.locator("form[data-passkey] button").click();
  await at(renewed, "/me?done=recovered");
  await signOut(renewed);
  await signIn(renewed, "/me");
  await at(renewed, "/me");
  assert.equal((await fresh.credentials()).length, 1);
  await renewed.clean();
  await answers(omar, path, 404);
});

test("no page on the way had an accessibility violation, a script error or a sideways scroll", () => {
  assert.deepEqual(demo.faults, []);
});
