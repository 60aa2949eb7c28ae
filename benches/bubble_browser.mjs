// Click to prompt, and switching between two open bubbles, as a person at a browser sees them: Debian's Chromium, a
// demonstration of its own, two projects walked through to a ready bubble.
//
// Use, after `npm ci` in tests/browser:
//   BULLE_BIN=target/release/bulle BULLE_DEMO_DATA=~/.cache/bulle/demo-data node benches/bubble_browser.mjs [RUNS]
//
// click to prompt: from the click on "Open a terminal" on the bubble's page to the frame in which the shell's `$` is
//   drawn; page, scripts, WebSocket, sandbox and shell included. Both instants are taken in the browser.
// switch, tabs: both terminals open; from bringing the other tab to the front to the drawn echo of a key typed in it.
// switch, page: one tab; from leaving the one bubble's terminal for the other's to the drawn prompt (a new session).

import assert from "node:assert/strict";
import { Person, openBrowser, signUndertaking, startDemo, submit } from "../tests/browser/kit.mjs";

const RUNS = Number(process.argv[2] ?? 20);
const WORDS = {
  months: "36", summary: "A bench", question: "How long does it take?", method: "A clock", public_interest: "Patience",
  outputs: "Two numbers", institution_name: "Université de Paris", institution_address: "Paris",
  institution_signatory: "The president", institution_country: "France",
};
const PAGES = ["identity", "purpose", "persons", "institutions", "sources", "linkage", "legal", "environment", "declarations"];
const CHOICES = ["kind", "institution_public", "models", "linkage", "legal_basis", "health_data", "tax_data", "commercial_interest"];

const press = async (person, form, fill = {}) => {
  const found = person.page.locator(`form[action$="${form}"]`).first();
  for (const [name, text] of Object.entries(fill)) {
    for (const field of await found.locator(`[name=${name}]:visible`).all()) {
      const box = ["radio", "checkbox"].includes(await field.getAttribute("type"));
      if (!box) await field.fill(text);
      else if ((await field.getAttribute("value")) === text) await field.check();
    }
  }
  await found.getByRole("button").first().click();
  await person.page.waitForLoadState();
};

async function applicationOf(ada, title) {
  await ada.open("/catalogue/hie/vintages");
  await ada.page.locator('form[action="/basket"]').locator("visible=true").first().getByRole("button").click();
  await ada.page.waitForLoadState();
  await ada.open("/basket");
  await ada.click("Start an application with these");
  await ada.page.waitForURL(/applications\/[0-9a-f-]{36}/);
  const id = new URL(ada.page.url()).pathname.split("/")[2];
  for (const page of PAGES) {
    await ada.open(`/applications/${id}/edit/${page}`);
    for (const [name, text] of Object.entries({ ...WORDS, title_fr: title, title_en: title })) {
      const field = ada.page.locator(`[name=${name}]:not([type=radio])`);
      if (await field.count()) await field.fill(text);
    }
    for (const name of CHOICES) {
      const choices = ada.page.locator(`input[type=radio][name=${name}]`);
      if (await choices.count()) await choices.last().check();
      const list = ada.page.locator(`select[name=${name}]`);
      if (await list.count()) await list.selectOption({ index: 1 });
    }
    for (const box of await ada.page.locator('input[type=checkbox][name^="declare_"]').all()) await box.check();
    if (page === "sources") {
      await ada.page.locator("textarea[name=justification]").first().fill("Needed");
      await ada.page.getByRole("button", { name: "Save this item" }).first().click();
      await ada.page.waitForLoadState();
    } else if (page !== "persons") {
      await ada.page.getByRole("button", { name: "Save", exact: true }).click();
      await ada.page.waitForURL(/done=saved/);
    }
  }
  await ada.open(`/applications/${id}`);
  await ada.click("Ask the producers");
  await ada.sees("The producers answer");
  return id;
}

/** Walks one application of ada's from the basket to a ready bubble, and gives the bubble's id. */
async function readyBubble({ ada, chloe, farid }, title) {
  const id = await applicationOf(ada, title);
  const item = async () => {
    await chloe.open("/producer");
    await chloe.page.getByRole("link", { name: title }).first().click();
    await chloe.page.waitForLoadState();
  };
  await item();
  await press(chloe, "/agree");
  await signUndertaking(ada, "Ada Lovelace");
  await submit(ada, farid, id);
  await farid.open(`/secretary/${id}`);
  await press(farid, "/start");
  for (const box of await farid.page.locator("input[name=judged]").all()) await box.check();
  await press(farid, "/judge");
  await farid.page.locator("input[name=session]").fill(new Date(Date.now() + 864e5).toISOString().slice(0, 10));
  await press(farid, "/assign", { reason: "bench" });
  await press(farid, "/open", { reason: "bench" });
  await press(farid, "/opinion", { opinion: "favourable", text: "Favourable", reason: "bench" });
  await item();
  await press(chloe, "/grant");
  await farid.open(`/secretary/${id}`);
  await press(farid, "/formalities", { reason: "bench" });
  await ada.open(`/applications/${id}`);
  await ada.sees("This is now a project");
  await ada.open("/bubbles");
  const link = ada.page.locator("main tr, main li, main article", { hasText: title }).locator('a[href^="/bubbles/"]').first();
  await link.click();
  await ada.page.waitForURL(/bubbles\/[0-9a-f-]{36}/);
  await ada.sees(/^(ready|active)$/i);
  return new URL(ada.page.url()).pathname.split("/")[2];
}

/** In each page: the instant of the last click, and of the first frame that shows a prompt. */
const CLOCK = () => {
  addEventListener("click", () => sessionStorage.setItem("clicked", String(Date.now())), true);
  const look = () => {
    if (document.querySelector(".xterm-rows")?.innerText.includes("$")) globalThis.prompted = Date.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};
const prompted = async (page) => {
  const seen = await page.waitForFunction(() => globalThis.prompted, null, { polling: "raf" });
  return Number(await seen.jsonValue()) - Number(await page.evaluate(() => sessionStorage.getItem("clicked")));
};

const told = (name, times, goal) => {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  console.log(`${name}: median ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${sorted.at(-1)} ms of ${sorted.length} (goal ${goal})`);
};

const demo = await startDemo();
const browser = await openBrowser();
try {
  const people = Object.fromEntries(
    await Promise.all(["ada", "chloe", "farid"].map(async (name) => [name, await Person.stepIn(demo, browser, name)])),
  );
  const bubbles = [await readyBubble(people, "Bench one"), await readyBubble(people, "Bench two")];
  const { ada } = people;
  for (const id of bubbles) {
    await ada.open(`/bubbles/${id}/terminal`);
    await ada.page.locator('form[action$="/banner"]').getByRole("button").click();
    await ada.page.locator(".xterm-rows").getByText("$").first().waitFor();
  }
  await ada.context.addInitScript(CLOCK);

  const cold = [];
  for (let run = 0; run < RUNS; run++) {
    await ada.open(`/bubbles/${bubbles[run % 2]}`);
    await ada.page.locator('main a[href$="/terminal"]').first().click();
    cold.push(await prompted(ada.page));
  }
  told("click to prompt", cold, "median < 500 ms");

  const pages = [];
  for (let run = 0; run < RUNS; run++) {
    await ada.page.evaluate(() => sessionStorage.setItem("clicked", String(Date.now())));
    await ada.open(`/bubbles/${bubbles[run % 2]}/terminal`);
    pages.push(await prompted(ada.page));
  }
  told("switch, page", pages, "p95 < 300 ms");

  const other = await ada.context.newPage();
  await ada.open(`/bubbles/${bubbles[0]}/terminal`);
  await other.goto(`${demo.url}/bubbles/${bubbles[1]}/terminal`);
  const tabs = [ada.page, other];
  for (const tab of tabs) await tab.waitForFunction(() => globalThis.prompted, null, { polling: 100 });
  const switches = [];
  for (let run = 0; run < RUNS; run++) {
    const tab = tabs[run % 2];
    const key = String.fromCharCode(97 + Math.floor(run / 2) % 26);
    const begun = performance.now();
    await tab.bringToFront();
    await tab.locator(".xterm-helper-textarea").focus();
    await tab.keyboard.type(key);
    const typed = [...Array(Math.floor(run / 2) + 1)].map((_, i) => String.fromCharCode(97 + i % 26)).join("");
    await tab.waitForFunction((text) => document.querySelector(".xterm-rows").innerText.includes(text), typed, { polling: "raf" });
    switches.push(Math.round(performance.now() - begun));
  }
  told("switch, tabs", switches, "p95 < 300 ms");
  assert.deepEqual(ada.faults, []);
} finally {
  await browser.close();
  await demo.stop();
  demo.remove();
}
