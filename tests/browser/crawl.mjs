// Looks at every page that a person can reach, one of each kind of address: what a reader sees, hears and can operate.

import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LOCALES = new URL("../../portal/locales/", import.meta.url);
// Words that every text of the language has and the other language has not.
const FOREIGN = {
  fr: "the and of is are was were this that with your you has have not been which will must should cannot they there when where who whose",
  en: "le la les une est sont vous votre cette avec dans pour qui que ne pas aux leur mais ou où",
};

/** The ids of all messages: one that a reader sees is a message that is missing. */
function messageIds() {
  const ids = new Set();
  for (const file of readdirSync(new URL("fr/", LOCALES))) {
    const text = readFileSync(new URL(`fr/${file}`, LOCALES), "utf8");
    for (const [, id] of text.matchAll(/^([a-z][a-z0-9]*(?:-[a-z0-9]+)+) =/gm)) ids.add(id);
  }
  return [...ids];
}
const IDS = messageIds();

/** The kind of an address: ids and names taken out of it. */
export function shape(path) {
  return path
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "ID")
    .replace(/\/\d+(?=\/|$)/g, "/N")
    .replace(/^\/catalogue\/(?!compare)[^/]+/, "/catalogue/NAME")
    .replace(/^(\/catalogue\/NAME\/variables)\/[^/]+/, "$1/NAME")
    .replace(/^\/rules\/[^/]+/, "/rules/NAME");
}

/** Runs in the page: what is wrong with its words, its focus and its keyboard order. */
function inspect({ lang, ids, foreign, typed }) {
  const faults = [];
  const known = new Set(ids);
  const words = new RegExp(`(?<![\\p{L}\\p{N}’'-])(${foreign.replaceAll(" ", "|")})(?![\\p{L}\\p{N}’'-])`, "iu");
  if (document.documentElement.lang !== lang) faults.push(`lang is ${document.documentElement.lang}`);
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const told = (whole, element) => {
    const quoted = whole.replace(/“[^”]*”|«[^»]*»/g, ""); // titles stand in their own language
    const text = typed.reduce((rest, words) => rest.replaceAll(words, ""), quoted); // and so does what people wrote
    for (const [token] of text.matchAll(/[a-z][a-z0-9]*(?:-[a-z0-9]+)+/g)) {
      if (known.has(token)) faults.push(`a message is missing: ${token}`);
    }
    if (/\{ ?\$|unknown localization/i.test(text)) faults.push(`an argument is missing: ${text.trim()}`);
    if (element.closest("[lang]").lang === lang && words.test(text)) faults.push(`not in ${lang}: ${text.trim().slice(0, 120)}`);
  };
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() && !element.closest("code, pre, script, style, [data-terminal], textarea")) told(node.data, element);
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]")) {
    for (const name of ["aria-label", "title", "placeholder", "alt"]) told(element.getAttribute(name) ?? "", element);
  }
  const operated = "a[href], button, input, select, textarea, summary, [tabindex]";
  for (const element of document.querySelectorAll(operated)) {
    const seen = element.checkVisibility({ visibilityProperty: true }) && !element.disabled && element.type !== "hidden";
    if (!seen || element.tabIndex < 0) continue;
    const name = `${element.localName}${element.id && `#${element.id}`} ${element.textContent.trim().slice(0, 30)}`;
    if (element.tabIndex > 0) faults.push(`jumps the keyboard's order: ${name}`);
    element.focus();
    if (document.activeElement !== element) faults.push(`cannot be focused: ${name}`);
    const style = getComputedStyle(element);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    if (!ring && style.boxShadow === "none") faults.push(`shows no focus: ${name}`);
  }
  document.activeElement?.blur();
  window.scrollTo(0, 0);
  return faults;
}

/** The page without its words: two pages alike in it are alike for a screen reader's rules. */
const skeleton = (page) =>
  page.evaluate(() => {
    const of = (element) =>
      `${element.localName}.${element.className}[${element.getAttribute("role") ?? ""}]` + (element.closest("svg") ? "" : `(${[...new Set(Array.from(element.children, of))]})`);
    return of(document.querySelector("main"));
  });

/** Looks at the page that is open; gives what is wrong. */
export async function look(person, lang, checked = new Set()) {
  const { page } = person;
  const faults = await page.evaluate(inspect, { lang, ids: IDS, foreign: FOREIGN[lang], typed: [...person.demo.typed] });
  const alike = await skeleton(page);
  if (!checked.has(alike)) {
    checked.add(alike);
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    for (const one of violations) faults.push(`${one.id}: ${one.help}: ${one.nodes.map(({ target }) => target.join(" ")).slice(0, 5).join(", ")}`);
  }
  await page.setViewportSize({ width: 390, height: 800 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) faults.push(`scrolls ${wide} pixels sideways at 390`);
  await page.setViewportSize({ width: 1280, height: 900 });
  faults.push(...person.faults.splice(0));
  return faults;
}

// What everybody sees alike is looked at once.
const PUBLIC = /^\/(catalogue|demo|sign-in)(\/|$|\?)/;

/**
 * Opens every kind of page that links lead to from the first one, public ones only where `open` has not got them yet; gives the
 * kinds, and what is wrong by path.
 */
export async function crawl(person, lang, checked, open = new Set(), picture = undefined) {
  const { page, demo } = person;
  const seen = new Map([["/", "/"]]);
  const faults = [];
  for (const [kind, path] of seen) {
    if (PUBLIC.test(kind) && open.has(kind)) continue;
    open.add(kind);
    const answer = await page.goto(demo.url + path).catch((error) => {
      if (!/Download is starting|ERR_ABORTED/.test(String(error))) throw error;
    });
    if (!answer?.headers()["content-type"]?.startsWith("text/html")) continue;
    if (answer.status() >= 400) faults.push(`${path}: a link leads to ${answer.status()}`);
    for (const fault of await look(person, lang, checked)) faults.push(`${person.name ?? "visitor"} ${path}: ${fault}`);
    await picture?.(kind);
    if (kind === "/outbox/ID") continue; // the links of a mail are for whom it was sent to
    const links = await page.evaluate(() => Array.from(document.querySelectorAll("a[href]"), ({ href }) => href));
    for (const link of links.map((href) => new URL(href))) {
      const next = shape(link.pathname) + (link.search && "?");
      const inside = link.origin === demo.url && !/^\/(api|assets)\//.test(link.pathname);
      if (inside && !seen.has(next)) seen.set(next, link.pathname + link.search);
    }
  }
  return { paths: [...seen.keys()], faults };
}

/** The first Tab shows the link past the navigation, and it works. */
export async function skip(person) {
  const { page } = person;
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("Tab");
  const inPlace = () => {
    const { top, left, width } = document.activeElement.getBoundingClientRect();
    return document.activeElement.matches("a.skip") && top >= 0 && left >= 0 && width > 40; // it slides in
  };
  const shown = await page.waitForFunction(inPlace, undefined, { timeout: 5000 }).catch(() => false);
  await page.keyboard.press("Enter");
  const there = await page.evaluate(() => document.activeElement.id);
  return shown && there === "main" ? [] : [`${page.url()}: the skip link does not work`];
}
