// The whole main job, as people do it: a source is found, applied for, decided by its producers and the committee, opened
// read-only in a sealed bubble, worked on, and a result is exported, checked, released and picked up; every step is in a
// log that a separate command verifies. Each page on the way is looked at: accessibility, script errors, both widths.
//
// Chloé announces a new vintage and deposits its file; Karim accepts it; Ada asks for it beside the others. Then Chloé (producer 1)
// agrees, but for the last vintage of the list: the demonstration's other producers have one vintage each, so it is she who
// leaves one out. Dario (producer 2) agrees; Emma (producer 3) refuses.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { crawl } from "./crawl.mjs";
import { Person, signUndertaking, stepsOf, submit, withDemo } from "./kit.mjs";

let demo, browser, ada, chloe, dario, emma, farid, grace, ines, karim, marc, nora, omar;
let application, bubble, exported;
/** What Chloé deposits: as a French statistical office writes it. */
const WAVE = ["plan;commune;visites", "A;01400;7,5", "B;75056;0,25", "A;00012;12"].join("\n") + "\n";

withDemo(async (...both) => {
  [demo, browser] = both;
  [ada, chloe, dario, emma, farid, grace, ines, karim, marc, nora, omar] = await Promise.all(
    ["ada", "chloe", "dario", "emma", "farid", "grace", "ines", "karim", "marc", "nora", "omar"].map((name) => Person.stepIn(demo, browser, name)),
  );
});

const step = stepsOf(300_000);

const idIn = (page) => new URL(page.url()).pathname.split("/").at(-1);

step("a producer announces a vintage and deposits its file, and a data manager puts it on the shelf", async () => {
  await chloe.open("/data");
  await chloe.page.locator('main a[href^="/data/sources/"]').first().click();
  await chloe.page.locator("#label").fill("9");
  await chloe.page.locator("#year").fill("1990");
  await chloe.page.locator('form[action$="/vintages"]').getByRole("button").click();
  await chloe.page.waitForURL("**/data/vintages/*");
  const sha256 = createHash("sha256").update(WAVE).digest("hex");
  await chloe.page.locator("#manifest").fill(`${sha256}  wave9.csv\n`);
  await chloe.click("Announce and open the channel");
  await chloe.page.waitForURL("**/deposits/*");
  const deposit = new URL(chloe.page.url()).pathname;
  await chloe.page.locator("#file").setInputFiles({ name: "wave9.csv", mimeType: "text/csv", buffer: Buffer.from(WAVE) });
  await chloe.page.getByRole("button", { name: "Send", exact: true }).click();
  await chloe.page.waitForURL("**/deposits/*?done=deposit-received");
  await karim.open(deposit);
  await karim.sees("to be decided");
  await karim.clean("deposit-decision");
  await karim.page.getByRole("link", { name: "Types wave9.csv" }).click();
  assert.match(await karim.page.locator("main").innerText(), /commune\s+text.*zeros in front are kept/s);
  await karim.open(deposit);
  await karim.click("Accept and sign the receipt");
  await karim.sees("receipt signed");
  await karim.open("/data");
  await karim.clean("deposits");
  await chloe.open(deposit);
  await chloe.sees("Download it");
});

step("a visitor finds sources in the public catalogue, in both languages", async () => {
  const visitor = await Person.stepIn(demo, browser, null, "fr-FR");
  await visitor.open("/");
  await visitor.clean("home");
  await visitor.open("/catalogue?q=depenses+de+sante");
  await visitor.sees("RAND");
  await visitor.clean("catalogue-fr");
  await visitor.open("/catalogue/hie");
  await visitor.clean("source-fr");
  await visitor.open("/catalogue/hie/variables?q=revenu");
  await visitor.clean("variables-fr");
  await visitor.close();
});

step("a lead puts vintages of three producers into the basket and fills in an application", async () => {
  // The newest vintages come first: the one that Chloé has just deposited among them.
  for (const [source, count] of [["hie", 3], ["anes96", 1], ["fair", 1]]) {
    for (let taken = 0; taken < count; taken++) {
      await ada.open(`/catalogue/${source}/vintages`);
      const forms = ada.page.locator('form[action="/basket"]').locator("visible=true");
      await forms.nth(taken).getByRole("button").click();
      await ada.page.waitForLoadState();
    }
  }
  await ada.open("/catalogue?q=insurance");
  await ada.clean("catalogue");
  await ada.open("/basket");
  await ada.clean("basket");
  await ada.click("Start an application with these");
  await ada.page.waitForURL(/applications\/[0-9a-f-]{36}/);
  application = new URL(ada.page.url()).pathname.split("/")[2];
  const words = {
    title_fr: "Partage des coûts et recours aux soins", title_en: "Cost sharing and the use of care", months: "36",
    summary: "Does paying a share of the cost keep people from care that they need?", question: "How does demand respond to coinsurance?",
    method: "Regressions on randomised plans", public_interest: "Design of health insurance", outputs: "Tables of means and regressions for a paper",
    institution_name: "Université de Paris", institution_address: "Paris", institution_signatory: "The president", institution_country: "France",
  };
  for (const page of ["identity", "purpose", "persons", "institutions", "sources", "linkage", "legal", "environment", "declarations"]) {
    await ada.open(`/applications/${application}/edit/${page}`);
    for (const [name, text] of Object.entries(words)) {
      const field = ada.page.locator(`[name=${name}]:not([type=radio])`);
      if (await field.count()) await field.fill(text);
    }
    for (const name of ["kind", "institution_public", "models", "linkage", "legal_basis", "health_data", "tax_data", "commercial_interest"]) {
      const choices = ada.page.locator(`input[type=radio][name=${name}]`);
      if (await choices.count()) await choices.last().check();
      const list = ada.page.locator(`select[name=${name}]`);
      if (await list.count()) await list.selectOption({ index: 1 });
    }
    for (const box of await ada.page.locator('input[type=checkbox][name^="declare_"]').all()) await box.check();
    if (page === "sources") {
      const count = await ada.page.locator("textarea[name=justification]").count();
      for (let i = 0; i < count; i++) {
        await ada.page.locator("textarea[name=justification]").nth(i).fill("Needed for the comparison");
        await ada.page.getByRole("button", { name: "Save this item" }).nth(i).click();
        await ada.page.waitForLoadState();
      }
    } else if (page !== "persons") {
      await ada.page.getByRole("button", { name: "Save", exact: true }).click();
      await ada.page.waitForURL(/done=saved/);
    }
    if (["purpose", "sources", "persons"].includes(page)) await ada.clean(`application-${page}`);
  }
  await ada.open(`/applications/${application}/edit/declarations`);
  await ada.fill("Title", "Data management plan");
  await ada.page.locator("#attach-kind").selectOption({ index: 1 });
  await ada.page.locator("#attach-file").setInputFiles({ name: "plan.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7\n%%EOF\n") });
  await ada.click("Attach a file");
  await ada.sees("plan.pdf");
  await ada.clean("application-attachments");
  await ada.open(`/applications/${application}`);
  await ada.clean("application");
  await ada.click("Ask the producers");
  await ada.sees("The producers answer");
});

step("each producer answers for its own source", async () => {
  const openItem = async (person) => {
    await person.open("/producer");
    await person.page.getByRole("link", { name: "Cost sharing" }).first().click();
  };
  await openItem(chloe);
  await chloe.clean("producer-item");
  const agree = chloe.page.locator('form[action$="/agree"]');
  // Not the one that she has just deposited.
  await agree.locator(".choice", { has: chloe.page.locator("input[name=without]") }).filter({ hasNotText: /\b9\b/ }).last().locator("input").check();
  await agree.getByRole("button").click();
  await openItem(dario);
  await dario.page.locator('form[action$="/agree"]').getByRole("button").click();
  await openItem(emma);
  const refuse = emma.page.locator('form[action$="/refuse-prior"]');
  await refuse.locator("textarea").fill("Not for this purpose");
  await refuse.getByRole("button").click();
  await ada.open(`/applications/${application}`);
  await ada.clean("consultation");
});

step("the lead signs and submits, the secretary and the committee deal with the file", async () => {
  await signUndertaking(ada, "Ada Lovelace", () => ada.clean("undertaking"));
  await submit(ada, farid, application);
  await ada.open(`/applications/${application}`);
  const printed = await ada.context.request.get(`${demo.url}/applications/${application}/submissions/1.pdf`);
  assert.equal(printed.headers()["content-type"], "application/pdf");
  assert.match((await printed.body()).toString("latin1"), /^%PDF-1\.[4-7]/);
  await farid.open("/secretary");
  await farid.clean("secretary");
  await farid.page.getByRole("link", { name: "Cost sharing" }).first().click();
  await farid.page.locator('form[action$="/start"]').getByRole("button").click();
  await farid.page.waitForLoadState();
  for (const box of await farid.page.locator("input[name=judged]").all()) await box.check();
  await farid.page.locator('form[action$="/judge"]').getByRole("button").click();
  await farid.clean("examine");
  await farid.page.locator("input[name=session]").fill(new Date(Date.now() + 864e5).toISOString().slice(0, 10));
  const assign = farid.page.locator('form[action$="/assign"]');
  await assign.locator("input[name=reason]").fill("Session of the demonstration");
  await assign.getByRole("button").click();
  await farid.page.waitForLoadState();
  const open = farid.page.locator('form[action$="/open"]');
  await open.locator("[name=reason]").fill("The session begins");
  await open.getByRole("button").click();
  await farid.page.waitForLoadState();
  const opinion = farid.page.locator('form[action$="/opinion"]');
  await opinion.locator('[name=opinion][value=favourable]').check();
  await opinion.locator("[name=text]").fill("Favourable opinion");
  for (const field of await opinion.locator("[name=reason]").all()) await field.fill("Recorded for the chair");
  await opinion.getByRole("button").click();
  await farid.page.waitForLoadState();
});

step("each producer decides, and the application becomes a project with exactly what was granted", async () => {
  for (const person of [chloe, dario]) {
    await person.open("/producer");
    await person.page.getByRole("link", { name: "Cost sharing" }).first().click();
    await person.page.locator('form[action$="/grant"]').getByRole("button").click();
    await person.page.waitForLoadState();
  }
  await emma.open("/producer");
  await emma.page.getByRole("link", { name: "Cost sharing" }).first().click();
  const refuse = emma.page.locator('form[action$="/refuse"]');
  if (await refuse.count()) {
    await refuse.locator("textarea").fill("Not for this purpose");
    await refuse.getByRole("button").click();
  }
  await farid.open(`/secretary/${application}`);
  const formalities = farid.page.locator('form[action$="/formalities"]');
  await formalities.locator("[name=reason]").fill("Contract signed on paper");
  await formalities.getByRole("button").click();
  await ada.open(`/applications/${application}`);
  await ada.sees("This is now a project");
  await ada.clean("project");
});

step("the bubble becomes ready after its self-tests, and the lead works in its terminal", async () => {
  await ada.open("/bubbles");
  await ada.page.locator('main a[href^="/bubbles/"]').first().click();
  bubble = idIn(ada.page);
  await ada.sees(/^ready$/i);
  await ada.clean("bubble");
  await ada.open(`/bubbles/${bubble}/terminal`);
  await ada.clean("banner");
  await ada.page.locator('form[action$="/banner"]').getByRole("button").click();
  const screen = ada.page.locator(".xterm-rows");
  await screen.getByText("$").first().waitFor();
  const types = async (line, expects, within = 60_000) => {
    await ada.page.locator(".xterm-helper-textarea").focus();
    await ada.page.keyboard.type(line + "\n");
    const end = Date.now() + within;
    while (!(await screen.innerText()).replace(/\s+/g, " ").includes(expects)) {
      assert.ok(Date.now() < end, `the terminal does not show ${expects}:\n${await screen.innerText()}`);
      await new Promise((later) => setTimeout(later, 200));
    }
  };
  await types("find /data -type f | sort | sed 's/^/got /'; echo done-$((1+1))", "done-2");
  const seen = await screen.innerText();
  assert.match(seen.replace(/\u00a0/g, " "), /got \/data\/hie\/\d\//);
  assert.ok(!seen.includes("/data/fair"), "the refused source is not there");
  // What was deposited on the first step can be read, value by value.
  await types("clear; python3 -c \"import duckdb; print(duckdb.sql(\\\"select commune, visites from '/data/hie/9/*.parquet' order by commune\\\").fetchall())\"; echo read-$((3+5))", "read-8");
  const read = (await screen.innerText()).replace(/\s+/g, "");
  for (const value of ["00012", "01400", "75056", "7.5", "0.25"]) assert.ok(read.includes(value), `no ${value} in ${read}`);
  await types("clear; cat /data/fair/*/*; echo refused-$((2+3))", "refused-5");
  assert.match((await screen.innerText()).replace(/\s+/g, " "), /\/data\/fair\/\*\/\*'?: No such file/);
  await types("touch /data/hie/x; echo locked-$((3+4))", "locked-7");
  assert.match((await screen.innerText()).replace(/\s+/g, " "), /Read-only file system|Permission denied/);
  await types(
    "clear; cd /exports && python3 -c \"import duckdb; duckdb.sql(\\\"copy (select plan, count(*) as effectif from '/data/hie/[1-5]/*.parquet' group by plan order by plan) to 'plans.csv' (header)\\\"); print('made-'+str(40+2))\"",
    "made-42",
  );
  await types("printf 'plan,effectif\\nA,1200\\nB,3\\n' > risky.csv; Rscript -e 'cat(\"r-\", 6*7, \"\\n\", sep=\"\")'", "r-42");
  await ada.clean("terminal");
});

step("asking the centre for the refused source's files is denied too, and the denied command is in the log", async () => {
  await emma.open("/data");
  await emma.page.locator('main a[href^="/data/sources/"]').first().click();
  const path = await emma.page.locator('main a[href^="/deposits/"]').first().getAttribute("href");
  const asked = await ada.context.request.get(demo.url + path);
  assert.equal(asked.status(), 404, "to her it does not exist");
  await nora.open("/log?family=policy");
  await nora.sees("policy.denied");
  const events = await (await nora.context.request.get(`${demo.url}/api/v1/events?family=policy`)).text();
  assert.ok(events.includes(path), events);
  await marc.open("/host");
  // A picture names no folder of the machine that it was made on.
  await marc.page.evaluate(() => {
    const cells = [...document.querySelectorAll("td")].filter((cell) => cell.textContent.includes(" free at /"));
    for (const cell of cells) cell.textContent = cell.textContent.replace(/ free at \/.*/, " free at /var/cache/bulle/images");
  });
  await marc.clean("host");
});

step("a program comes into the bubble once a checker has let it in", async () => {
  await ada.open(`/bubbles/${bubble}/imports`);
  await ada.page.locator("#file").setInputFiles({ name: "fit.py", mimeType: "text/x-python", buffer: Buffer.from("print(6 * 7)\n") });
  await ada.page.locator("#kind").selectOption("code");
  await ada.page.locator("#origin").fill("Own work");
  await ada.page.locator("#reason").fill("Model fitting");
  await ada.clean("import-new");
  await ada.click("Send to the checkers");
  await ada.sees("waits for a checker");
  await grace.open("/imports");
  await grace.clean("imports");
  await grace.page.locator("main a", { hasText: "fit.py" }).first().click();
  await grace.sees("print(6 * 7)");
  await grace.clean("import");
  await grace.click("Let it in");
  await grace.sees("in the bubble");
  await ada.open(`/bubbles/${bubble}/terminal`);
  const banner = ada.page.locator('form[action$="/banner"]');
  if (await banner.count()) await banner.getByRole("button").click();
  const screen = ada.page.locator(".xterm-rows");
  await screen.getByText("$").first().waitFor();
  await ada.page.locator(".xterm-helper-textarea").focus();
  await ada.page.keyboard.type("python3 /imports/*/fit.py; echo x >> /imports/*/fit.py\n");
  await screen.getByText("42").first().waitFor();
  await screen.getByText(/Read-only file system|Permission denied/).first().waitFor();
});

step("a data file is blocked, and the lead of the checkers says in quarantine what it was", async () => {
  const screen = ada.page.locator(".xterm-rows");
  await ada.page.locator(".xterm-helper-textarea").focus();
  await ada.page.keyboard.type("clear; mkdir -p /scratch/kept; mv /exports/* /scratch/kept/; printf '<stata_dta><header>' > /exports/units.dta; echo put-$((4+5))\n");
  await screen.getByText("put-9").first().waitFor();
  await ada.open("/exports/new");
  await ada.page.locator('form[action="/exports"]').first().getByRole("button").click();
  await ada.page.waitForURL(/exports\/[0-9a-f-]{36}/);
  const blocked = new URL(ada.page.url()).pathname.split("/")[2];
  await ada.fill("Title", "Units of the experiment");
  await ada.page.locator("[name=name-1]").fill("Units");
  await ada.page.locator("[name=context-1]").fill("One line a person");
  await ada.page.locator("[name=controls-1]").fill("None yet");
  await ada.page.locator('select[name^="in-"]').first().selectOption("1");
  await ada.page.locator("button[name=action][value=seal]").click();
  await ada.page.waitForLoadState();
  const end = Date.now() + 60_000;
  while (!(await ada.page.locator("main").innerText()).includes("it never leaves")) {
    assert.ok(Date.now() < end, "it was not blocked");
    await new Promise((later) => setTimeout(later, 500));
    await ada.open(`/exports/${blocked}`);
  }
  const french = await Person.stepIn(demo, browser, "iris", "fr-FR");
  await french.open("/checks");
  await french.sees("En quarantaine");
  await french.clean("quarantine-list-fr");
  await french.page.locator("main a", { hasText: "Units of the experiment" }).click();
  await french.clean("quarantine-fr");
  await french.close();
  const iris = await Person.stepIn(demo, browser, "iris");
  await iris.open(`/checks/${blocked}`);
  await iris.page.locator("#found-mistake").check();
  await iris.page.locator("#examine-note").fill("A data file of the experiment");
  await iris.clean("quarantine");
  await iris.click("Write it down");
  await iris.sees("the files are removed");
  assert.ok(!(await iris.page.locator("main").innerText()).includes("In quarantine"));
  await iris.close();
  await ada.open(`/bubbles/${bubble}/terminal`);
  await ada.page.locator(".xterm-rows").getByText("$").first().waitFor();
  await ada.page.locator(".xterm-helper-textarea").focus();
  await ada.page.keyboard.type("clear; rm /exports/units.dta; mv /scratch/kept/* /exports/; echo back-$((6+7))\n");
  await ada.page.locator(".xterm-rows").getByText("back-13").first().waitFor();
});

step("two files are exported; the rules show the small cell, the checker returns it, the second turn leaves", async () => {
  await ada.open("/exports/new");
  await ada.page.locator('form[action="/exports"]').first().getByRole("button").click();
  await ada.page.waitForURL(/exports\/[0-9a-f-]{36}/);
  exported = new URL(ada.page.url()).pathname.split("/")[2];
  await ada.clean("export-draft");
  await ada.fill("Title", "Plans of the experiment");
  await ada.page.locator("[name=name-1]").fill("Counts");
  await ada.page.locator("[name=context-1]").fill("Persons by plan, all vintages granted");
  await ada.page.locator("[name=controls-1]").fill("No cell under 11 persons");
  for (const choice of await ada.page.locator('select[name^="in-"]').all()) await choice.selectOption("1");
  await ada.page.locator("button[name=action][value=check]").click();
  await ada.sees("risky.csv");
  await ada.clean("export");
  await ada.page.locator("button[name=action][value=seal]").click();
  await ada.page.waitForLoadState();

  const review = async (choose) => {
    await grace.open(`/checks/${exported}`);
    const take = grace.page.locator('form[action$="/take"]');
    const end = Date.now() + 60_000;
    while (!(await take.count())) {
      assert.ok(Date.now() < end, "the export never came to the checkers");
      await new Promise((later) => setTimeout(later, 500));
      await grace.page.reload();
    }
    await take.getByRole("button").click();
    await grace.page.waitForLoadState();
    for (const box of await grace.page.locator('article[id^="file-"]').filter({ has: grace.page.locator("fieldset") }).all()) {
      const risky = (await box.locator("h2").first().innerText()).includes("risky");
      await box.locator(`input[type=radio][value=${choose(risky)}]`).check();
      await box.locator('textarea[name^="comment"]').fill(risky ? "A cell of 3 persons" : "Large counts");
    }
  };
  await grace.open("/checks");
  await grace.clean("checks");
  await review((risky) => (risky ? "change" : "approve"));
  await grace.clean("review");
  await grace.click("Submit my vote");
  await grace.page.waitForLoadState();
  await grace.clean("consolidation");
  const publics = grace.page.locator('textarea[name^="public"]');
  for (const field of await publics.all()) await field.fill("A cell has fewer than 10 persons: merge or take the file out.");
  await grace.page.locator("button[name=action][value=return]").click();
  await grace.page.waitForLoadState();

  await ada.open(`/exports/${exported}/edit`);
  const row = ada.page.locator("tr").filter({ hasText: "risky.csv" });
  await row.locator("input[type=checkbox]").check();
  await ada.page.locator("button[name=action][value=seal]").click();
  await ada.page.waitForLoadState();
  await review(() => "approve");
  await grace.click("Submit my vote");
  await grace.page.waitForLoadState();
  await grace.page.locator("button[name=action][value=approve]").click();

  await ada.open(`/exports/${exported}`);
  const taken = ada.page.locator(`a[href*="/exports/${exported}/files/"], form[action*="/exports/${exported}/files/"] button`).first();
  const end = Date.now() + 60_000;
  while (!(await taken.count())) {
    assert.ok(Date.now() < end, `nothing to pick up:\n${await ada.page.locator("main").innerText()}`);
    await new Promise((later) => setTimeout(later, 500));
    await ada.page.reload();
  }
  await ada.clean("release");
  const [download] = await Promise.all([ada.page.waitForEvent("download"), taken.click()]);
  assert.match(readFileSync(await download.path(), "utf8"), /^plan,effectif/);
});

step("the security officer replays the session with a reason", async () => {
  await ada.open("/");
  await ines.open("/security");
  await ines.clean("security");
  await ines.page.locator('main a[href^="/security/sessions/"]').first().click();
  const ask = ines.page.locator('form[action$="/replays"]');
  const end = Date.now() + 60_000;
  while (!(await ask.count())) {
    assert.ok(Date.now() < end, "the session's recording was never sealed");
    await new Promise((later) => setTimeout(later, 500));
    await ines.page.reload();
  }
  await ask.locator("textarea").fill("Monthly sample");
  await ask.getByRole("button").click();
  await ines.page.waitForLoadState();
  if (!ines.page.url().includes("/security/replays/")) await ines.page.locator('a[href^="/security/replays/"]').first().click();
  await ines.page.locator(".xterm-rows").waitFor();
  await ines.clean("replay");
  await ines.open("/log");
  await ines.clean("log");
  await ines.page.locator('main a[href^="/log/0"]').first().click();
  await ines.clean("event");
});

step("what the lead tried in the bubble is in a recording whose hash the log has", async () => {
  const folder = join(demo.dir, "recordings");
  const tapes = readdirSync(folder).filter((name) => name.endsWith(".cast")).map((name) => readFileSync(join(folder, name)));
  // What was shown, put together again: one message may come in several pieces.
  const shown = (bytes) => {
    const events = bytes.toString("utf8").split("\n").slice(1).filter(Boolean).map((line) => JSON.parse(line));
    return events.filter(([, kind]) => kind === "o").map(([, , text]) => text).join("");
  };
  const tape = tapes.find((bytes) => /data\/fair.*No such file/.test(shown(bytes)));
  assert.ok(tape, "no recording shows the refused path");
  const events = await (await nora.context.request.get(`${demo.url}/api/v1/events?family=session`)).json();
  const sha256 = createHash("sha256").update(tape).digest("hex");
  assert.ok(events.some((event) => event.payload?.sha256 === sha256 && event.leaf !== null), "its hash is not sealed");
});

step("the log is verified by a separate command on a copy, which names an altered entry", async () => {
  const copy = mkdtempSync(join(tmpdir(), "bulle-log-"));
  cpSync(join(demo.dir, "log"), copy, { recursive: true });
  const said = execFileSync(process.env.BULLE_BIN, ["log", "verify", copy], { encoding: "utf8" });
  assert.match(said, /intact/i);
  const bundles = execFileSync("find", [join(copy, "tile/entries"), "-type", "f"], { encoding: "utf8" }).trim().split("\n");
  for (const bundle of bundles) {
    writeFileSync(bundle, readFileSync(bundle, "latin1").replace("application.submitted", "application.submitteD"), "latin1");
  }
  assert.throws(() => execFileSync(process.env.BULLE_BIN, ["log", "verify", copy], { encoding: "utf8", stdio: "pipe" }), (error) => {
    assert.equal(error.status, 1);
    assert.match(error.stdout, /submitteD/);
    return true;
  });
});

step("the project manager opens the centre to a producer and appoints its agent", async () => {
  await omar.open("/producers/new");
  await omar.page.locator("#slug").fill("health");
  await omar.page.locator("#name_fr").fill("Agence de santé");
  await omar.page.locator("#name_en").fill("Health agency");
  await omar.page.locator("#contact").fill("data@health.example");
  await omar.page.locator("#consultation_days").fill("3");
  await omar.click("Create the producer");
  await omar.page.locator("#consultation_days[aria-invalid=true]").waitFor();
  omar.faults.length = 0; // the browser tells each 4xx on its console
  assert.equal(await omar.page.locator("#name_fr").inputValue(), "Agence de santé", "what was typed is kept");
  await omar.page.locator("#consultation_days").fill("21");
  await omar.click("Create the producer");
  await omar.page.waitForURL(/producers\/[0-9a-f-]{36}/);
  await omar.clean("producer");
  await omar.open("/producers");
  await omar.clean("producers");
});

for (const lang of ["fr", "en"]) {
  step(`every page of this lived-in centre is whole in ${lang}`, async () => {
    const [checked, open, faults] = [new Set(), new Set(), []];
    for (const name of ["ada", "chloe", "farid", "grace", "ines", "omar"]) {
      const person = await Person.stepIn(demo, browser, name, { fr: "fr-FR", en: "en-GB" }[lang]);
      faults.push(...(await crawl(person, lang, checked, open)).faults);
      await person.close();
    }
    assert.deepEqual([...new Set(faults)], []);
  });
}

test("no page on the way had an accessibility violation, a script error or a sideways scroll", () => {
  assert.deepEqual(demo.faults, []);
});
