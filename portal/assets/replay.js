// Plays a recording: an asciicast v2 file (a JSON header line, then one `[seconds, kind, data]` line an event).

import { Terminal } from "./vendor/xterm.mjs";
import { clock, duration, make, words } from "./words.js";
import { look } from "./xterm-csp.js";

const SPEEDS = [0.5, 1, 2, 4, 8, 16];
const DEFAULTS = {
  play: "Play",
  pause: "Pause",
  speed: "Speed",
  position: "Position",
  loading: "Loading",
  failed: "The recording cannot be read: {reason}",
  ready: "{duration} recorded",
};

/**
 * Reads an asciicast v2: `{ columns, rows, events, length }`, times in seconds. A last line that was cut (a
 * recorder that was killed) is left out; any other bad line is an error, for a recording is evidence.
 */
export function parseCast(text) {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const header = JSON.parse(lines[0] ?? "null");
  if (header?.version !== 2) throw new Error("not an asciicast v2");
  const events = [];
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    try {
      const [time, kind, data] = JSON.parse(line);
      if (!Number.isFinite(time) || typeof data !== "string") throw new Error("not an event");
      events.push({ time, kind, data });
    } catch (cause) {
      if (index === lines.length - 1 && !text.endsWith("\n")) break;
      throw new Error(`line ${index + 1}`, { cause });
    }
  }
  return { columns: header.width, rows: header.height, events, length: events.at(-1)?.time ?? 0 };
}

class Replay {
  constructor(frame) {
    this.frame = frame;
    this.say = words(frame, DEFAULTS);
    this.at = 0; // seconds from the start
    this.next = 0; // the first event that was not drawn
    this.playing = false;
    this.build();
    this.load();
  }

  build() {
    this.state = make("p", { className: "terminal-state", role: "status" }, this.say("loading"));
    this.button = make("button", { className: "button", type: "button", disabled: true }, this.say("play"));
    this.slider = make("input", { type: "range", min: "0", step: "0.1", value: "0", disabled: true, "aria-label": this.say("position") });
    this.time = make("span", {}, clock(0));
    this.speed = make("select", { "aria-label": this.say("speed") });
    for (const speed of SPEEDS) this.speed.append(new Option(`× ${speed}`, speed, speed === 1, speed === 1));
    this.screen = make("div", { className: "terminal-screen" });
    this.frame.append(
      make("div", { className: "terminal-bar" }, this.button, this.slider, this.time, this.speed, this.state),
      this.screen,
    );
    this.button.addEventListener("click", () => this.toggle());
    this.slider.addEventListener("input", () => this.seek(Number(this.slider.value)));
    this.frame.addEventListener("keydown", (event) => this.onKey(event));
  }

  async load() {
    try {
      const answer = await fetch(this.frame.dataset.url, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(`${answer.status}`);
      this.cast = parseCast(await answer.text());
    } catch (error) {
      this.state.dataset.state = "closed";
      this.state.textContent = this.say("failed", { reason: error.message });
      return;
    }
    this.terminal = new Terminal({
      ...look,
      disableStdin: true,
      cursorInactiveStyle: "block",
      scrollback: 0,
      cols: this.cast.columns,
      rows: this.cast.rows,
      linkHandler: { activate() {} },
    });
    this.terminal.open(this.screen);
    // Nothing can be typed here, so the hidden text area would only be a stop without a use.
    this.terminal.textarea.tabIndex = -1;
    this.terminal.textarea.setAttribute("aria-label", this.frame.getAttribute("aria-label") ?? "");
    this.screen.addEventListener("copy", (event) => { event.preventDefault(); event.stopImmediatePropagation(); }, true);
    this.slider.max = String(this.cast.length);
    this.slider.disabled = this.button.disabled = false;
    this.state.dataset.state = "open";
    this.state.textContent = this.say("ready", { duration: duration(this.cast.length) });
    this.seek(0);
  }

  onKey(event) {
    if (!this.cast || event.ctrlKey || event.metaKey || event.altKey || event.target === this.speed) return;
    const acts = {
      " ": () => event.target !== this.button && this.toggle(), // a button already answers to Space
      k: () => this.toggle(),
      ArrowLeft: () => this.seek(this.at - 5),
      ArrowRight: () => this.seek(this.at + 5),
      Home: () => this.seek(0),
      End: () => this.seek(this.cast.length),
    };
    if (!acts[event.key] || (event.key === " " && event.target === this.button)) return;
    event.preventDefault();
    acts[event.key]();
  }

  toggle() {
    if (!this.playing && this.at >= this.cast.length) this.seek(0);
    this.playing = !this.playing;
    this.button.textContent = this.say(this.playing ? "pause" : "play");
    this.last = performance.now();
    if (this.playing) requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    if (!this.playing) return;
    this.draw(this.at + (Math.max(0, now - this.last) / 1000) * Number(this.speed.value));
    this.last = now;
    if (this.at >= this.cast.length) this.toggle();
    else requestAnimationFrame((later) => this.tick(later));
  }

  /** Goes to a time; back means drawing again from the start, since a screen cannot be undone. */
  seek(time) {
    const target = Math.min(Math.max(time, 0), this.cast.length);
    if (target < this.at || this.next === 0) {
      this.terminal.reset();
      this.terminal.resize(this.cast.columns, this.cast.rows);
      this.next = 0;
    }
    this.draw(target);
  }

  /** Draws every event up to `time`, output joined so that a long seek is one write. */
  draw(time) {
    const target = Math.min(time, this.cast.length);
    let output = "";
    for (; this.next < this.cast.events.length && this.cast.events[this.next].time <= target; this.next++) {
      const { kind, data } = this.cast.events[this.next];
      if (kind === "o") output += data;
      const size = kind === "r" && /^(\d{1,4})x(\d{1,4})$/.exec(data);
      if (!size) continue;
      const [columns, rows] = [Number(size[1]), Number(size[2])];
      this.terminal.write(output, () => this.terminal.resize(Math.max(columns, 1), Math.max(rows, 1)));
      output = "";
    }
    if (output) this.terminal.write(output);
    this.at = target;
    this.slider.value = String(target);
    const spoken = `${clock(target)} / ${clock(this.cast.length)}`;
    this.slider.setAttribute("aria-valuetext", spoken);
    this.time.textContent = spoken;
  }
}

for (const frame of document.querySelectorAll("[data-replay]")) new Replay(frame);
