// Deposits as producers make them: in the browser, where the upload is paused, cut off and resumed, and by `bulle deposit`,
// which is killed in the middle. What is wrong is refused, and the vintage stays as it was.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, createPublicKey, verify } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Person, startDemo, withDemo } from "./kit.mjs";

const PIECE = 8 * 1024 * 1024; // of upload.js and of the command
const files = mkdtempSync(join(tmpdir(), "bulle-deposit-"));
let demo, browser, chloe, karim;

withDemo(async (...both) => {
  [demo, browser] = both;
  [chloe, karim] = await Promise.all([Person.stepIn(demo, browser, "chloe"), Person.stepIn(demo, browser, "karim")]);
}, () => rmSync(files, { recursive: true, force: true }));

const walk = (name, steps) => test(name, { timeout: 300_000 }, steps);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** A file under `name`; its path. */
function file(name, content) {
  const path = join(files, name);
  writeFileSync(path, content);
  return path;
}

/** A CSV of a bit more than two pieces, as a French statistical office writes it. */
function large(name) {
  const lines = ["commune;revenu;statut"];
  for (let i = 0, length = 0; length < 2.3 * PIECE; i++) {
    const line = `${String(i % 96).padStart(5, "0")};${i % 7000},${i % 10};${i % 3}`;
    length += line.length + 1;
    lines.push(line);
  }
  return file(name, lines.join("\n") + "\n");
}

/** Chloé announces the vintage `label` of her source; gives its page's path. */
async function announce(label) {
  await chloe.open("/data");
  await chloe.page.locator('main a[href^="/data/sources/"]').first().click();
  await chloe.page.locator("#label").fill(label);
  await chloe.page.locator("#year").fill("2020");
  await chloe.page.locator('form[action$="/vintages"]').getByRole("button").click();
  await chloe.page.waitForURL("**/data/vintages/*");
  return new URL(chloe.page.url()).pathname;
}

/** She prepares a deposit for it, with or without a manifest; gives the deposit's path. */
async function prepare(vintage, manifest = "") {
  await chloe.open(vintage);
  await chloe.page.locator("#manifest").fill(manifest);
  await chloe.click("Announce and open the channel");
  await chloe.page.waitForURL("**/deposits/*");
  return new URL(chloe.page.url()).pathname;
}

/** She sends a file on the page where she is. */
async function send(path) {
  await chloe.page.locator("#file").setInputFiles(path);
  await chloe.page.getByRole("button", { name: "Send", exact: true }).click();
}

const row = (words) => chloe.page.locator("[data-upload-list] .about").filter({ hasText: words }).waitFor();
const state = () => chloe.page.locator(".page-header .badge").innerText();

/** The offsets of the pieces that her page sends from now on. */
function offsets() {
  const seen = [];
  chloe.page.on("request", (request) => {
    const offset = request.method() === "PUT" && request.headers()["upload-offset"];
    if (offset) seen.push(Number(offset));
  });
  return seen;
}

/** Holds each piece from the byte `from` on until the function that it gives is called. */
async function hold(from) {
  let go;
  const held = new Promise((release) => (go = release));
  await chloe.page.route("**/uploads/*", async (route) => {
    const offset = Number(route.request().headers()["upload-offset"] ?? -1);
    if (offset >= from) await held;
    await route.continue().catch(() => {}); // its page may be gone
  });
  return async () => {
    go();
    await chloe.page.unroute("**/uploads/*");
  };
}

/** Her page as after closing the tab and opening the address again. */
async function reopen() {
  const url = chloe.page.url();
  const page = await chloe.context.newPage();
  await chloe.page.close({ runBeforeUnload: false });
  chloe.watch(page);
  await page.goto(url);
}

/** Verifies a signed note (C2SP) by the key of `/receipts.key`, with nothing of Bulle. */
function verifyNote(note, key) {
  const [, name, id, encoded] = /^(.+)\+([0-9a-f]{8})\+(.+)$/.exec(key.trim());
  const raw = Buffer.from(encoded, "base64");
  assert.equal(raw[0], 1, "an Ed25519 key");
  assert.equal(createHash("sha256").update(`${name}\n`).update(raw).digest("hex").slice(0, 8), id);
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw.subarray(1)]);
  const [, text, signature] = /^([^]*\n)\n\u2014 \S+ (\S+)\n$/.exec(note);
  const bytes = Buffer.from(signature, "base64");
  assert.equal(bytes.subarray(0, 4).toString("hex"), id);
  return verify(null, Buffer.from(text), createPublicKey({ key: der, format: "der", type: "spki" }), bytes.subarray(4));
}

/** Karim accepts the deposit; Chloé's receipt is verified and gives its text. */
async function acceptAndVerify(deposit) {
  await chloe.open(deposit);
  await chloe.sees("to be decided");
  await karim.open(deposit);
  await karim.clean();
  await karim.click("Accept and sign the receipt");
  await karim.sees("receipt signed");
  await chloe.open(deposit);
  await chloe.clean();
  const [download] = await Promise.all([chloe.page.waitForEvent("download"), chloe.click("Download it")]);
  const receipt = readFileSync(await download.path(), "utf8");
  const key = await (await chloe.context.request.get(`${demo.url}/receipts.key`)).text();
  assert.ok(verifyNote(receipt, key), receipt);
  const forged = receipt.replace(/accepted 2/, "accepted 3");
  assert.ok(!verifyNote(forged, key), "a changed receipt verifies");
  return receipt;
}

let shelved;

walk("an upload is paused, cut off, closed with its page, and goes on where it was", async () => {
  shelved = await announce("2031");
  const path = large("communes.csv");
  const deposit = await prepare(shelved, `${sha256(readFileSync(path))}  communes.csv\n`);
  let release = await hold(PIECE);
  await send(path);
  const bar = () => chloe.page.locator("[data-upload-list] progress").evaluate(({ value, max }) => value / max);
  while (!(await bar())) await new Promise((later) => setTimeout(later, 50));
  assert.ok((await bar()) > 0.4 && (await bar()) < 0.5, "one piece of two and a third");
  await chloe.click("Pause: communes.csv");
  await row("Paused");
  await chloe.clean("deposit");
  await release();

  const seen = offsets();
  await chloe.context.setOffline(true);
  await chloe.click("Resume: communes.csv");
  await row("The connection broke");
  chloe.faults.length = 0; // the browser tells of the broken connection on its console
  release = await hold(2 * PIECE);
  await chloe.context.setOffline(false);
  while ((await bar()) < 0.8) await new Promise((later) => setTimeout(later, 50));
  await reopen();
  await release().catch(() => {});
  assert.equal(Math.min(...seen), PIECE, "nothing acknowledged was sent again");

  await chloe.sees("received"); // in the list of the deposit's files
  const later = offsets();
  await send(path);
  await chloe.page.waitForURL("**/deposits/*?done=deposit-received");
  assert.deepEqual(later, [2 * PIECE]);
  await acceptAndVerify(deposit);
  await chloe.page.getByRole("link", { name: "Types communes.csv" }).click();
  await chloe.clean("type-report");
  const report = await chloe.page.locator("main").innerText();
  assert.match(report, /commune\s+text.*zeros in front are kept/s);
  assert.match(report, /revenu\s+(decimal|number)/s);
  const kept = readdirSync(join(demo.dir, deposit, "received"));
  assert.deepEqual(kept, ["communes.csv"]);
  assert.equal(sha256(readFileSync(join(demo.dir, deposit, "received/communes.csv"))), sha256(readFileSync(path)));
});

walk("a file that is not the one of the manifest is refused, and the right one can be sent", async () => {
  const vintage = await announce("2032");
  const right = "commune;revenu\n01400;7,5\n";
  await prepare(vintage, `${sha256(right)}  a.csv`);
  await send(file("a.csv", "commune;revenu\n01400;9,5\n"));
  await row(/Not sent:.*SHA-256/);
  chloe.faults.length = 0; // a 422 on the console
  await chloe.clean();
  await send(file("a.csv", right));
  await chloe.page.waitForURL("**/deposits/*?done=deposit-received");
  await chloe.sees("to be decided");
});

const bad = [
  ["ragged.csv", () => "commune;revenu\n01400;7,5\n01401;8;5\n01402\n01403;1,5\n", [/wrong number of fields/, /\b3\b/, /\b4\b/]],
  ["picture.csv", () => readFileSync(new URL("../../docs/screenshots/home.png", import.meta.url)), [/not what its name says/]],
  ["text.parquet", () => "commune;revenu\n01400;7,5\n", [/not what its name says|damaged/]],
  ["cut.parquet", () => readFileSync(parquetOfTheDemo()).subarray(0, -40), [/damaged|cut off/]],
  ["quote.csv", () => 'commune;nom\n01400;"Saint-Julien\n01401;Ambert\n', [/quote is never closed/, /\b2\b/]],
  ["empty.csv", () => "", [/empty/]],
];

function parquetOfTheDemo() {
  const folder = join(demo.dir, "deposits");
  const found = readdirSync(folder, { recursive: true }).find((name) => name.endsWith(".parquet"));
  return join(folder, found);
}

walk("what is ragged, mislabelled or cut off is reported in both languages, and the vintage is as before", async () => {
  const french = await Person.stepIn(demo, browser, "chloe", "fr-FR");
  for (const [name, content, words] of bad) {
    const deposit = await prepare(shelved); // an erratum: the vintage is on the shelf
    await send(file(name, content()));
    await row(/^Received/);
    await chloe.page.reload();
    await chloe.click("All files were sent");
    await chloe.sees("Prepare another deposit");
    const told = await chloe.page.locator(".notice.stop").innerText();
    for (const one of words) assert.match(told, one, name);
    assert.ok(told.includes(name), told);
    await chloe.clean(name === "ragged.csv" ? "deposit-refused" : undefined);
    await french.open(deposit);
    const said = await french.page.locator(".notice.stop").innerText();
    assert.doesNotMatch(said, /\b(line|lines|file|field|fields|the|is|not|expected|found|row|rows|bytes)\b/, `${name}: English words on a French page`);
    await french.clean();
    await chloe.open(shelved);
    assert.match(await state(), /available/, name);
  }
  await french.close();
});

/** A relay in front of the demonstration that lets `most` bytes pass to it and then holds the line until it is opened. */
function relay(most) {
  let passed = 0;
  let limit = most;
  const sockets = new Set();
  const server = createServer((from) => {
    const to = connect(demo.port, "127.0.0.1");
    sockets.add(from).add(to);
    from.on("error", () => to.destroy()).on("close", () => to.destroy());
    to.on("error", () => from.destroy()).on("close", () => from.destroy());
    to.pipe(from);
    from.on("data", (bytes) => {
      passed += bytes.length;
      if (passed > limit) return void (from.pause(), server.emit("held"));
      to.write(bytes) || (from.pause(), to.once("drain", () => from.resume()));
    });
  });
  return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready({
    url: `http://127.0.0.1:${server.address().port}`,
    held: new Promise((held) => server.once("held", held)),
    passed: () => passed,
    open: () => (limit = Infinity),
    // A held connection reads nothing, so it never learns that its other end was killed.
    close: () => (server.close(), sockets.forEach((socket) => socket.destroy())),
  })));
}

/** Runs `bulle deposit`; the child, and what it said once it ends. */
function command(centre, vintage, token, path) {
  const args = ["deposit", "--centre", centre, "--vintage", vintage, path];
  const child = spawn(process.env.BULLE_BIN, args, { env: { ...process.env, BULLE_TOKEN: token } });
  let out = "", err = "";
  child.stdout.on("data", (bytes) => (out += bytes));
  child.stderr.on("data", (bytes) => (err += bytes));
  const ended = new Promise((done) => child.once("close", (code, signal) => done({ code, signal, out, err })));
  return { child, ended };
}

let token;

walk("the command, killed in the middle and run again, sends only what was missing", async () => {
  const vintage = (await announce("2033")).split("/").at(-1);
  await chloe.open("/me");
  await chloe.page.locator("#token-label").fill("Script of the office");
  await chloe.click("Make a token");
  token = (await chloe.page.locator("main .notice.ok pre").innerText()).trim();
  await chloe.clean();
  const path = large("enquete.csv");
  const size = statSync(path).size;

  const refused = await command(demo.url, vintage, "no such token", path).ended;
  assert.notEqual(refused.code, 0);
  assert.match(refused.err, /401/);

  const narrow = await relay(PIECE * 1.5);
  const first = command(narrow.url, vintage, token, path);
  await narrow.held;
  first.child.kill("SIGKILL");
  assert.equal((await first.ended).signal, "SIGKILL");
  narrow.close();

  const wide = await relay(Infinity);
  const second = await command(wide.url, vintage, token, path).ended;
  wide.close();
  assert.equal(second.code, 0, second.err);
  assert.ok(wide.passed() < size - PIECE + 20_000, `${wide.passed()} bytes of ${size} were sent again`);
  const deposit = `/deposits/${second.out.trim()}`;
  const receipt = await acceptAndVerify(deposit);
  assert.ok(receipt.includes(`file ${sha256(readFileSync(path))} ${size} bytes`), receipt);
});

walk("the command goes on by itself when the server is killed and comes back", async () => {
  const vintage = (await announce("2034")).split("/").at(-1);
  const path = large("reprise.csv");
  const line = await relay(PIECE * 1.5);
  const sending = command(line.url, vintage, token, path);
  await line.held;
  await demo.stop("SIGKILL");
  line.open();
  const again = await startDemo(demo.dir, demo.port);
  demo.stop = again.stop;
  const { code, out, err } = await sending.ended;
  line.close();
  assert.equal(code, 0, err);
  assert.match(err, /trying again/);
  const receipt = await acceptAndVerify(`/deposits/${out.trim()}`);
  assert.ok(receipt.includes(`file ${sha256(readFileSync(path))} ${statSync(path).size} bytes`), receipt);
});

test("no page on the way had an accessibility violation, a script error or a sideways scroll", () => {
  assert.deepEqual(demo.faults, []);
});
