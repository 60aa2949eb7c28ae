// Keeps the remaining time in each `<time data-countdown datetime="...">` true: `data-left` says it in
// words ("{left} left"), `data-over` what follows.

import { duration, language, words } from "./words.js";

function draw(element) {
  const end = Date.parse(element.dateTime);
  if (Number.isNaN(end)) return;
  const left = (end - Date.now()) / 1000;
  element.title ||= new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "short" }).format(end);
  // Minutes are enough to decide by; seconds would make a screen reader and an eye restless.
  const say = words(element, { left: "{left}", over: "0" });
  const text = left > 0 ? say("left", { left: duration(Math.max(60, left - (left % 60))) }) : say("over");
  if (element.textContent !== text) element.textContent = text;
  element.toggleAttribute("data-urgent", left < Number(element.dataset.urgentHours ?? 24) * 3600);
}

function drawAll() {
  for (const element of document.querySelectorAll("time[data-countdown]")) draw(element);
}

drawAll();
setInterval(drawAll, 20_000);
document.addEventListener("visibilitychange", () => document.hidden || drawAll());
