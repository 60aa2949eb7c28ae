// A demonstration of its own for a browser test: the built binary, a temporary folder, Debian's Chromium.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SHOTS = process.env.UPDATE_DOCS ? join(ROOT, "docs/screenshots") : mkdtempSync(join(tmpdir(), "bulle-shots-"));
const WAIT = 120_000; // the first conversion and provisioning on a busy machine

/** A port that is free now. */
const freePort = () =>
  new Promise((found) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });

/** Starts `bulle demo` in `dir` and waits until it says that it is ready. */
export async function startDemo(dir = mkdtempSync(join(tmpdir(), "bulle-demo-")), port) {
  port ??= await freePort();
  const args = ["demo", "--dir", dir, "--listen", `127.0.0.1:${port}`, "--data", process.env.BULLE_DEMO_DATA];
  const child = spawn(process.env.BULLE_BIN, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (bytes) => (said = (said + bytes).slice(-20_000)));
  await new Promise((ready, failed) => {
    child.stdout.on("data", (bytes) => String(bytes).includes("Bulle is ready") && ready());
    child.on("exit", (code) => failed(new Error(`bulle demo ended with ${code}:\n${said}`)));
  });
  child.removeAllListeners("exit");
  const stop = async (signal = "SIGTERM") => {
    const gone = new Promise((done) => child.once("exit", done));
    if (child.exitCode === null && child.kill(signal)) await gone;
    // An agent that outlives a killed server holds these pipes, and they would hold this process.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  return { url: `http://localhost:${port}`, faults: [], typed: new Set(), dir, port, stop, said: () => said, remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Debian's Chromium, headless. */
export const openBrowser = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });

/** Before the tests of a file: a demonstration and a browser, given to `begin`. After them both end, and `end` is called. */
export function withDemo(begin, end = () => {}) {
  let demo, browser;
  before(async () => {
    demo = await startDemo();
    browser = await openBrowser();
    await begin(demo, browser);
  }, { timeout: 600_000 });
  after(async () => {
    await browser?.close();
    await demo?.stop();
    demo?.remove();
    end();
  });
}

/** Tests of one walk: each stands on the one before, so after a failure the rest says so at once. */
export function stepsOf(timeout) {
  let broken;
  return (name, walk) =>
    test(name, { timeout }, async () => {
      assert.ok(!broken, `not walked: “${broken}” failed`);
      broken = name;
      await walk();
      broken = undefined;
    });
}

/** The lead signs their undertaking as `name`; `seen` looks at the page before the button is pressed. */
export async function signUndertaking(lead, name, seen = () => {}) {
  await lead.open("/undertakings");
  await lead.page.locator('main a[href*="/undertakings/"]').first().click();
  await lead.page.locator("input[name=name]").fill(name);
  await lead.page.locator("input[type=checkbox]").check();
  await seen();
  await lead.click("Sign the undertaking");
  await lead.page.waitForLoadState();
}

/** The lead, who has signed, submits the application; the secretary checks the signature. */
export async function submit(lead, secretary, application) {
  await lead.open(`/applications/${application}`);
  const goOn = lead.page.getByRole("button", { name: "Go on to the submission" });
  if (await goOn.count()) await goOn.click();
  await lead.click("Submit to the secretary");
  await lead.sees("The secretary will check the file");
  await secretary.open("/undertakings");
  await secretary.page.locator('main a[href*="/undertakings/"]').first().click();
  await secretary.click("Name, date and version are right");
  await secretary.page.waitForLoadState();
}

/** One person's browser. Any script error or blocked resource fails the test at the next `clean()`. */
export class Person {
  constructor(demo, context, page, name) {
    Object.assign(this, { demo, context, name, faults: [] });
    this.watch(page);
  }

  /** Goes on with another page of the same browser. */
  watch(page) {
    this.page = page;
    page.on("request", (request) => this.#remember(request));
    page.on("pageerror", (error) => this.faults.push(String(error)));
    page.on("console", (message) => {
      const { url } = message.location();
      if (url.endsWith("/favicon.ico")) return; // asked for beside a plain text, which names no icon
      if (message.type() === "error") this.faults.push(`${message.text()} ${url} at ${page.url()}`);
    });
  }

  /** Keeps what is sent by forms: such words stand on pages of either language. */
  #remember(request) {
    const body = request.postData() ?? "";
    const parts = body.startsWith("--") ? [...body.matchAll(/\r\n\r\n([^\r]*)\r\n/g)].map(([, text]) => text) : new URLSearchParams(body).values();
    for (const text of parts) if (/\s/.test(text.trim())) this.demo.typed.add(text.trim());
  }

  /** Steps into the demonstration's person `name` (or nobody), in `locale`. */
  static async stepIn(demo, browser, name, locale = "en-GB") {
    const context = await browser.newContext({ locale, viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    const person = new Person(demo, context, page, name);
    if (name) {
      await person.open("/demo/step-in");
      await page.locator(`button[name=person][value=${name}]`).click();
      await page.waitForURL(demo.url + "/");
    }
    return person;
  }

  open(path) {
    return this.page.goto(this.demo.url + path);
  }

  /** Clicks the link or button with these visible words. */
  async click(words) {
    const named = (role) => this.page.getByRole(role, { name: words });
    await named("button").or(named("link")).first().click();
  }

  /** Fills the field with this label. */
  fill(label, text) {
    return this.page.getByLabel(label).first().fill(text);
  }

  /** Waits for these words in the page's main part, reloading: work goes on in the background. */
  async sees(words, within = WAIT) {
    const end = Date.now() + within;
    const found = this.page.locator("main").getByText(words).first();
    while (!(await found.isVisible())) {
      assert.ok(Date.now() < end, `${this.name} does not see ${words} at ${this.page.url()}:\n${await this.page.locator("main").innerText()}`);
      await new Promise((later) => setTimeout(later, 500));
      await this.page.reload();
    }
  }

  /**
   * Looks for accessibility violations, script errors and sideways scroll at 390 pixels, and takes a picture of both widths.
   * Faults are collected in `demo.faults`, which the last step of a walk expects to be empty: one walk shows all of them.
   */
  async clean(shot) {
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    const told = found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
    for (const fault of [...told, ...this.faults]) this.demo.faults.push(`${this.page.url()}: ${fault}`);
    this.faults.length = 0;
    mkdirSync(SHOTS, { recursive: true });
    await this.page.evaluate(() => scrollTo(0, 0)); // a panel that stays in view stands at its place
    if (shot) await this.page.screenshot({ path: join(SHOTS, `${shot}.png`), fullPage: true });
    await this.page.setViewportSize({ width: 390, height: 800 });
    const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (shot) await this.page.screenshot({ path: join(SHOTS, `${shot}-narrow.png`), fullPage: true });
    if (wide > 0) this.demo.faults.push(`${this.page.url()}: scrolls ${wide} pixels sideways at 390`);
    await this.page.setViewportSize({ width: 1280, height: 900 });
  }

  close() {
    return this.context.close();
  }
}
