// The checker's review screen: the counted time, one file on the whole screen, keys.

import { make, words } from "./words.js";

const said = words(document.querySelector("[data-check]") ?? document.body, {});

// The server counts; this only goes on from what it said, up to where it stops.
function count(timer) {
  const [from, most, start] = [Number(timer.dataset.minutes), Number(timer.dataset.most), Date.now()];
  const draw = () => {
    const minutes = Math.min(most, from + Math.floor((Date.now() - start) / 60_000));
    const text = said("minutes", { count: minutes });
    if (timer.textContent !== text) timer.textContent = text;
  };
  setInterval(draw, 10_000);
  document.addEventListener("visibilitychange", () => document.hidden || draw());
}

const files = [...document.querySelectorAll("article[data-file]")];
let current = -1;

function go(index) {
  if (files.length === 0) return;
  current = (index + files.length) % files.length;
  const title = files[current].querySelector("h2");
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
  files[current].scrollIntoView({ block: "start" });
}

function whole(file) {
  if (document.fullscreenElement) document.exitFullscreen();
  else file?.requestFullscreen?.().catch(() => {});
}

function vote(choice) {
  const radio = files[current]?.querySelector(`input[type=radio][value=${choice}]`);
  if (!radio) return;
  radio.checked = true;
  radio.focus();
}

function finding() {
  const all = [...document.querySelectorAll("article[data-file] td.finding-error, article[data-file] td.finding-warning")];
  const at = all.indexOf(document.activeElement);
  all[(at + 1) % all.length]?.focus();
}

const help = document.querySelector("dialog[data-keys]");
const keys = {
  n: () => go(current + 1),
  p: () => go(current < 0 ? files.length - 1 : current - 1),
  f: finding,
  w: () => whole(files[Math.max(current, 0)]),
  a: () => vote("approve"),
  c: () => vote("change"),
  r: () => vote("refuse"),
  "?": () => (help.open ? help.close() : help.showModal()),
};

// Single keys can be switched off (WCAG 2.1.4): who dictates to the computer would press them unseen.
const KEPT = "check-keys";
const box = help?.querySelector("input[type=checkbox]");

function listens(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return false;
  if (!box?.checked || (help.open && event.key !== "?")) return false;
  return !event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
}

if (help) {
  box.checked = localStorage.getItem(KEPT) !== "off";
  box.addEventListener("change", () => localStorage.setItem(KEPT, box.checked ? "on" : "off"));
  help.querySelector("button").addEventListener("click", () => help.close());
  const open = document.querySelector("[data-open-keys]");
  open.hidden = false;
  open.addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || !listens(event)) return;
    event.preventDefault();
    act();
  });
}

for (const file of files) {
  if (!document.fullscreenEnabled) break;
  const button = make("button", { type: "button", class: "button small" }, said("whole"));
  button.append(make("span", { class: "visually-hidden" }, ` – ${file.dataset.file}`));
  button.addEventListener("click", () => whole(file));
  file.querySelector("h2").after(button);
}
document.addEventListener("focusin", (event) => {
  const file = event.target.closest?.("article[data-file]");
  if (file) current = files.indexOf(file);
});
document.querySelectorAll("[data-timer]").forEach(count);
