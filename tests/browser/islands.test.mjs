// The islands of portal/assets in a real browser, under the policy that README.md promises is enough.
// Run: `npm ci && npm test` here, after portal/vendor.sh. CHROMIUM names another browser than Debian's.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { chromium } from "playwright-core";
import { frame, start } from "./islands.server.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const page = (script, main) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${script}</title>
<link rel="icon" href="/assets/icon.svg"><link rel="stylesheet" href="/assets/style.css"><link rel="stylesheet" href="/assets/vendor/xterm.css">
<script type="module" src="/assets/${script}.js"></script></head><body><main><h1>${script}</h1>${main}
<p><a href="#" id="after">After</a></p></main></body></html>`;
const CAST = [{ version: 2, width: 40, height: 6 }, [0.1, "o", "first\r\n"], [5, "o", "second\r\n"], [6, "r", "60x8"], [9, "o", "\u001b[38;2;9;200;9mthird"]]
  .map((line) => JSON.stringify(line)).join("\n") + "\n";
const PAGES = {
  "/terminal": page("terminal", '<section class="terminal-frame" aria-label="Terminal" data-terminal data-url="/socket"></section>'),
  "/replay": page("replay", '<section class="terminal-frame replay" aria-label="Recording" data-replay data-url="/cast"></section>'),
  "/cast": CAST,
  "/upload": page("upload", `<form method="post" action="/files" enctype="multipart/form-data" data-upload data-upload-url="/files">
    <label for="file">File</label><input id="file" type="file" name="file" multiple><button>Send</button><ul class="files" data-upload-list hidden></ul></form>`),
  "/autosave": page("autosave", `<form method="post" action="/save" data-autosave="/fields" data-version="1">
    <div class="field"><label for="t">Title</label><input id="t" name="title"></div>
    <fieldset><legend>Kinds</legend><div class="choice"><input type="checkbox" id="k1" name="kind" value="a"><label for="k1">A</label></div>
    <div class="choice"><input type="checkbox" id="k2" name="kind" value="b"><label for="k2">B</label></div></fieldset><button>Save</button></form>`),
  "/countdown": page("countdown", `<p><time data-countdown datetime="2020-01-01T00:00:00Z" data-over="Closed">x</time></p>
    <p><time id="far" data-countdown data-left="{left} left" datetime="2999-01-01T00:00:00Z">x</time></p>`),
  "/check": page("check", `<div data-check data-minutes="{count} min" data-whole="Whole screen"><strong id="timer" data-timer data-minutes="12" data-most="14">12 min</strong>
    <button type="button" class="button" data-open-keys hidden>Keys</button></div><form method="post" action="/vote">${["a", "b"].map((file) => `
    <article class="panel" data-file="${file}.csv"><h2>${file}.csv</h2><table><tr><td class="finding-error" tabindex="0">${file}</td></tr></table>
    <fieldset><legend>Vote on ${file}</legend>${["approve", "change", "refuse"].map((vote) => `<div class="choice"><input type="radio" id="${vote}-${file}" name="vote-${file}" value="${vote}"><label for="${vote}-${file}">${vote}</label></div>`).join("")}
    <div class="field"><label for="word-${file}">Why</label><textarea id="word-${file}"></textarea></div></fieldset></article>`).join("")}</form>
    <dialog data-keys aria-labelledby="keys"><h2 id="keys">Keys</h2><div class="choice"><input type="checkbox" id="on" checked><label for="on">On</label></div><button type="button" class="button">Close</button></dialog>`),
};
let browser, site, tab, faults;

before(async () => {
  site = await start(PAGES);
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
});
after(async () => {
  await browser.close();
  site.server.closeAllConnections();
  site.server.close();
});
beforeEach(async () => {
  await tab?.context().close();
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  tab = await context.newPage();
  faults = [];
  tab.on("pageerror", (error) => faults.push(String(error)));
  tab.on("console", (message) => /Content.Security|Refused to/i.test(message.text()) && faults.push(message.text()));
  Object.assign(site.world, { terminals: [], saves: [], seenOffsets: [], saveAnswer: null, breakUploads: 0, holdAt: undefined });
  site.world.uploads.clear();
});

const open = (path) => tab.goto(site.origin + path);
const until = async (asked, what) => {
  for (let tries = 0; tries < 400; tries++) {
    if (await asked()) return;
    await tab.waitForTimeout(25);
  }
  assert.fail(`never: ${what}`);
};
const terminal = () => site.world.terminals.at(-1);
const shown = () => tab.locator(".xterm-rows").innerText();
const clean = async () => {
  assert.deepEqual(faults, []);
  await tab.evaluate(AXE);
  const { violations } = await tab.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
};
async function connect() {
  await open("/terminal");
  await tab.locator('.terminal-state[data-state="open"]').waitFor();
  await until(() => terminal()?.texts.some(({ resize }) => resize), "a size");
}

test("a terminal shows output in colour, sends keys and breaks no policy", async () => {
  await connect();
  assert.equal(terminal().protocol, "bulle.terminal.v1");
  const [columns, rows] = terminal().texts.find(({ resize }) => resize).resize;
  assert.ok(columns > 40 && rows > 5, `${columns}x${rows}`);
  terminal().socket.write(frame(2, Buffer.from("\u001b[38;2;250;10;10mred\u001b[0m caf\u00e9 $ ")));
  await until(async () => (await shown()).includes("café"), "the output");
  const colour = await tab.locator(".xterm-rows span", { hasText: "red" }).evaluate((span) => getComputedStyle(span).color);
  assert.match(colour, /^rgb\(2\d\d, /); // set by a style attribute in xterm.js: blocked unless it goes by CSSOM
  await tab.locator(".terminal-screen").click();
  await tab.keyboard.type("ls é");
  await tab.keyboard.press("Enter");
  await tab.keyboard.press("Control+c");
  await until(() => terminal().bytes.endsWith("\x03"), "^C");
  assert.equal(terminal().bytes, "ls \u00c3\u00a9\r\x03");
  await clean();
});

test("a terminal gives nothing to the clipboard and takes nothing from it", async () => {
  await connect();
  await tab.evaluate(() => navigator.clipboard.writeText("outside"));
  terminal().socket.write(frame(2, Buffer.from("secret\u001b]52;c;c2VjcmV0\u0007\u001b]0;secret\u0007")));
  await until(async () => (await shown()).includes("secret"), "the output");
  await tab.locator(".terminal-screen").dblclick({ position: { x: 30, y: 18 } });
  for (const keys of ["Control+Insert", "Control+Shift+c", "Control+c", "Control+v", "Control+Shift+v", "Shift+Insert"]) {
    await tab.keyboard.press(keys);
  }
  await tab.evaluate(() => document.execCommand("copy"));
  await tab.locator(".terminal-screen").click({ button: "middle" });
  await tab.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "outside");
    const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    document.querySelector(".xterm-helper-textarea").dispatchEvent(paste);
  });
  assert.equal(await tab.evaluate(() => navigator.clipboard.readText()), "outside");
  assert.ok(!terminal().bytes.includes("outside"));
  assert.equal(await tab.title(), "terminal");
  assert.deepEqual(faults, []);
});

test("a keyboard user can leave a terminal, and is told", async () => {
  await connect();
  await tab.locator(".terminal-screen").click();
  await tab.keyboard.press("Control+Shift+Escape");
  assert.match(await tab.evaluate(() => document.activeElement.textContent), /You left the terminal/);
  await tab.keyboard.press("Tab");
  assert.equal(await tab.evaluate(() => document.activeElement.id), "after");
  assert.equal(terminal().bytes, "");
});

test("a terminal says why it was closed and connects again", async () => {
  await connect();
  terminal().socket.end(frame(8, Buffer.concat([Buffer.from([0x0f, 0xa1]), Buffer.from("habilitation ended")])));
  await tab.getByText("Disconnected: habilitation ended").waitFor();
  await tab.getByRole("button", { name: "Reconnect" }).click();
  await until(() => site.world.terminals.length === 2, "a second connection");
  await tab.locator('.terminal-state[data-state="open"]').waitFor();
});

test("a link in the output leads nowhere", async () => {
  await connect();
  terminal().socket.write(frame(2, Buffer.from("\u001b]8;;https://example.org/?secret\u0007linked\u001b]8;;\u0007 https://example.org/")));
  await until(async () => (await shown()).includes("linked"), "the output");
  const asked = [];
  tab.on("dialog", (dialog) => { asked.push(dialog.message()); dialog.dismiss(); });
  tab.context().on("page", (other) => asked.push(other.url()));
  await tab.locator(".terminal-screen").click({ position: { x: 30, y: 18 }, modifiers: ["Control"] });
  await tab.locator(".terminal-screen").click({ position: { x: 30, y: 18 } });
  assert.deepEqual(asked, []);
  assert.equal(tab.url(), `${site.origin}/terminal`);
});

test("a screen reader gets the rows of a terminal as text", async () => {
  await connect();
  await tab.getByRole("button", { name: "Screen reader mode" }).click();
  terminal().socket.write(frame(2, Buffer.from("spoken")));
  await tab.locator(".xterm-accessibility", { hasText: "spoken" }).waitFor({ state: "attached" });
  await clean();
});

test("a flood of output is acknowledged so that the server can slow down", async () => {
  await connect();
  for (let i = 0; i < 8; i++) terminal().socket.write(frame(2, Buffer.alloc(60_000, "y\n")));
  await until(() => terminal().texts.reduce((sum, { ack }) => sum + (ack ?? 0), 0) > 300_000, "acks");
});

test("a recording plays, seeks and follows the size by the keyboard", async () => {
  await open("/replay");
  await tab.getByText("9 seconds recorded").waitFor();
  await tab.getByRole("slider").focus();
  await tab.keyboard.press("ArrowRight");
  await until(async () => /first\s+second/.test(await shown()), "the first 5 seconds");
  assert.ok(!(await shown()).includes("third"));
  await tab.keyboard.press("End");
  await until(async () => (await shown()).includes("third"), "the end");
  await tab.keyboard.press("Home");
  await until(async () => !(await shown()).includes("first"), "the start");
  await tab.getByRole("combobox").selectOption("16");
  await tab.getByRole("button", { name: "Play" }).click();
  await until(async () => (await shown()).includes("third"), "played to the end");
  await tab.getByRole("button", { name: "Play" }).waitFor();
  await clean();
});

const BIG = Buffer.alloc(20 * 1024 * 1024 + 12345, "0123456789abcdef!");
const sha = (data) => createHash("sha256").update(data).digest("hex");
const choose = (name, buffer) => tab.setInputFiles("#file", { name, mimeType: "text/csv", buffer });

test("an upload survives lost answers and ends with the right hash", async () => {
  await open("/upload");
  site.world.breakUploads = 1;
  await choose("big.csv", BIG);
  await tab.getByRole("button", { name: "Send" }).click();
  await tab.getByText(`SHA-256 ${sha(BIG)}`).waitFor({ timeout: 30_000 });
  const [upload] = site.world.uploads.values();
  assert.equal(upload.real, sha(BIG));
  assert.equal(upload.data.length, BIG.length); // the chunk whose answer was lost came once
  await clean();
});

test("an upload goes on after the page was left", async () => {
  const folder = mkdtempSync(join(tmpdir(), "bulle-upload-"));
  after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "big.csv");
  writeFileSync(path, BIG); // a real file, so that its date is the same after the reload
  await open("/upload");
  site.world.holdAt = 8 * 1024 * 1024; // the second chunk's answer waits
  await tab.setInputFiles("#file", path);
  await tab.getByRole("button", { name: "Send" }).click();
  await until(() => site.world.go, "the second chunk");
  tab.on("dialog", (dialog) => dialog.accept());
  await tab.reload();
  site.world.holdAt = undefined;
  const [upload] = site.world.uploads.values();
  const go = site.world.go;
  upload.data = upload.data.subarray(0, 8 * 1024 * 1024);
  site.world.seenOffsets.length = 0;
  await tab.setInputFiles("#file", path);
  await tab.getByRole("button", { name: "Send" }).click();
  await tab.getByText(`SHA-256 ${sha(BIG)}`).waitFor({ timeout: 30_000 });
  assert.ok(go);
  assert.equal(site.world.uploads.size, 1);
  assert.equal(site.world.seenOffsets[0], 8 * 1024 * 1024);
  assert.equal(upload.real, sha(BIG));
});

test("an upload pauses and resumes, and an empty file is a file", async () => {
  await open("/upload");
  site.world.holdAt = 0;
  await choose("big.csv", BIG);
  await tab.getByRole("button", { name: "Send" }).click();
  await tab.getByRole("button", { name: "Pause: big.csv" }).click();
  await tab.getByText("Paused").waitFor();
  site.world.holdAt = undefined;
  await tab.getByRole("button", { name: "Resume: big.csv" }).click();
  await tab.getByText(`SHA-256 ${sha(BIG)}`).waitFor({ timeout: 30_000 });
  await choose("empty.csv", Buffer.alloc(0));
  await tab.getByRole("button", { name: "Send" }).click();
  await tab.getByText(`SHA-256 ${sha(Buffer.alloc(0))}`).waitFor();
});

test("a field is saved as it is typed, boxes with all their values", async () => {
  await open("/autosave");
  await tab.fill("#t", "Coûts");
  await tab.getByText("Saved at").first().waitFor();
  await tab.check("#k1");
  await tab.check("#k2");
  await until(() => site.world.saves.length >= 2 && /kind=b/.test(site.world.saves.at(-1)), "the boxes");
  assert.equal(site.world.saves[0], "title=Co%C3%BBts&version=1");
  assert.match(site.world.saves.at(-1), /^kind=a&kind=b&version=\d$/);
  await until(async () => (await tab.getByText("Saved at").count()) === 2, "both saved");
  assert.equal(await tab.evaluate(() => sessionStorage.length), 0);
  await clean();
});

test("text that could not be saved comes back after a reload", async () => {
  await open("/autosave");
  site.world.saveAnswer = [422, { error: "too long" }];
  await tab.fill("#t", "My long title");
  await tab.getByText("Not saved: too long").waitFor();
  site.world.saveAnswer = [500, {}];
  await open("/countdown");
  await open("/autosave");
  assert.equal(await tab.inputValue("#t"), "My long title");
  await tab.getByText("Not saved: the server does not answer").waitFor();
  site.world.saveAnswer = null;
  await open("/autosave");
  await tab.getByText("Saved at").waitFor();
  await open("/autosave");
  assert.equal(await tab.inputValue("#t"), "");
});

test("a conflict is shown and nothing is overwritten until the person edits again", async () => {
  await open("/autosave");
  site.world.saveAnswer = [409, { version: 9, error: "Bo changed it" }];
  await tab.fill("#t", "Mine");
  await tab.getByText("Not saved: Bo changed it").waitFor();
  const before = site.world.saves.length;
  site.world.saveAnswer = null;
  await tab.evaluate(() => window.dispatchEvent(new Event("online")));
  assert.equal(site.world.saves.length, before);
  await tab.fill("#t", "Mine, merged");
  await tab.getByText("Saved at").waitFor();
  assert.equal(site.world.saves.at(-1), "title=Mine%2C+merged&version=9");
});

test("a review goes by keys, never while one types, and the keys can be switched off", async () => {
  await open("/check");
  const focused = () => tab.evaluate(() => document.activeElement.textContent.trim());
  const voted = (file) => tab.evaluate((file) => document.querySelector(`input[name=vote-${file}]:checked`)?.value, file);
  await tab.keyboard.press("n");
  assert.equal(await focused(), "a.csv");
  await tab.keyboard.press("n");
  await tab.keyboard.press("r");
  assert.deepEqual([await voted("a"), await voted("b")], [undefined, "refuse"]);
  await tab.keyboard.press("p");
  await tab.keyboard.press("a");
  assert.equal(await voted("a"), "approve");
  await tab.keyboard.press("f");
  assert.equal(await focused(), "a");
  await tab.keyboard.press("w");
  await tab.waitForFunction(() => document.fullscreenElement?.dataset.file === "a.csv");
  await tab.keyboard.press("w");
  await tab.waitForFunction(() => !document.fullscreenElement);
  await tab.getByRole("button", { name: "Whole screen – b.csv" }).click();
  await tab.waitForFunction(() => document.fullscreenElement?.dataset.file === "b.csv");
  await tab.keyboard.press("w");
  await tab.locator("#word-b").fill("");
  await tab.locator("#word-b").press("c");
  assert.deepEqual([await voted("b"), await tab.locator("#word-b").inputValue()], ["refuse", "c"], "typed, not voted");
  await tab.getByRole("button", { name: "Keys" }).click();
  await tab.locator("#on").uncheck();
  await tab.getByRole("button", { name: "Close" }).click();
  await open("/check");
  await tab.keyboard.press("n");
  await tab.keyboard.press("a");
  assert.equal(await voted("a"), undefined, "switched off, also after a new start");
  await tab.getByRole("button", { name: "Keys" }).click();
  await clean();
});

test("the time of a review goes on from what the server counted, and stops where it does", async () => {
  await tab.clock.install();
  await open("/check");
  assert.equal(await tab.locator("#timer").innerText(), "12 min");
  await tab.clock.fastForward("01:10");
  assert.equal(await tab.locator("#timer").innerText(), "13 min");
  await tab.clock.fastForward("30:00");
  assert.equal(await tab.locator("#timer").innerText(), "14 min");
});

test("a countdown says what is left and when it is over", async () => {
  await open("/countdown");
  await tab.getByText("Closed").waitFor();
  assert.match(await tab.locator("#far").innerText(), /^[\d,]+ days left$/);
  await clean();
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 360]) {
    test(`the sample page is accessible and fits, ${colorScheme}, ${width} wide`, async () => {
      await tab.setViewportSize({ width, height: 800 });
      await tab.emulateMedia({ colorScheme });
      await open("/assets/sample.html");
      assert.ok(await tab.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
      await clean();
    });
  }
}
