// Every page of every role of the demonstration, in French and in English: accessibility, keyboard, narrow screens, words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { crawl, look, skip } from "./crawl.mjs";
import { Person, withDemo } from "./kit.mjs";

// One person for each set of roles.
const EVERYBODY = [null, ..."ada chloe farid paul grace iris karim lea omar rose ines marc nora".split(" ")];
const LOCALES = { fr: "fr-FR", en: "en-GB" };
let demo, browser;

withDemo((...both) => ([demo, browser] = both));

for (const lang of ["fr", "en"]) {
  test(`every page that a role reaches is whole in ${lang}`, { timeout: 400_000 }, async () => {
    const [checked, faults, kinds, open] = [new Set(), [], new Set(), new Set()];
    const left = [...EVERYBODY];
    const walk = async () => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) {
        const person = await Person.stepIn(demo, browser, name, LOCALES[lang]);
        const { paths, faults: found } = await crawl(person, lang, checked, open);
        await person.open("/");
        faults.push(...found, ...(await skip(person)));
        for (const path of paths) kinds.add(path);
        await person.close();
      }
    };
    await Promise.all([walk(), walk()]);
    assert.ok(kinds.size > 30, `only ${[...kinds]}`);
    assert.deepEqual([...new Set(faults)], []);
  });

  test(`what goes wrong is told on a whole page in ${lang}`, { timeout: 120_000 }, async () => {
    const faults = [];
    const person = await Person.stepIn(demo, browser, "ada", LOCALES[lang]);
    const expect = async (what, status, answer) => {
      assert.equal(answer.status(), status, what);
      person.faults.length = 0; // the browser tells each 4xx on its console
      assert.ok((await person.page.locator("h1").innerText()).length > 5, what);
      for (const fault of await look(person, lang)) faults.push(`${what}: ${fault}`);
    };
    const post = async (action, fields, spent) => {
      await person.open("/");
      const [answer] = await Promise.all([
        person.page.waitForNavigation(),
        person.page.evaluate(async ([action, fields, spent]) => {
          // The attempts come back with time: they are spent in the page, up to the moment of the form.
          for (let tries = 0; spent && tries < 1000; tries++) {
            if ((await fetch(spent, { method: "POST" })).status === 429) break;
          }
          const form = Object.assign(document.createElement("form"), { method: "post", action });
          for (const [name, value] of Object.entries(fields)) form.append(Object.assign(document.createElement("input"), { name, value }));
          document.body.append(form);
          form.submit();
        }, [action, fields, spent]),
      ]);
      return answer;
    };
    await expect("no such page", 404, await person.open("/nowhere"));
    await expect("no such source", 404, await person.open("/catalogue/nothing"));
    await expect("not an id", 400, await person.open("/applications/not-an-id"));
    await expect("nobody else's application", 404, await person.open("/applications/00000000-0000-7000-8000-000000000000"));
    await expect("not one's role", 403, await person.open("/people"));
    await expect("an address that takes only posts", 405, await person.open("/me/language"));
    await expect("a bad query", 200, await person.open("/catalogue?from=abc&page=-1"));
    await expect("a form without its fields", 422, await post("/me/tokens", { nothing: "1" }));
    await expect("a form that is wrong", 422, await post("/me/tokens", { label: " " }));
    await expect("too long a form", 413, await post("/me/tokens", { label: "x".repeat(300_000) }));
    await expect("too often", 429, await post("/recovery/x", {}, "/recovery/x/options"));
    await person.close();
    assert.deepEqual(faults, []);
  });
}
