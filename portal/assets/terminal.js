// A bubble's terminal: xterm.js over a WebSocket. README.md has the markup and the protocol.
//
// What it keeps from happening by accident: text leaving by the clipboard, a link in the output taking the
// person (and data in its address) elsewhere, and a keyboard user being caught inside.

import { FitAddon } from "./vendor/addon-fit.mjs";
import { Terminal } from "./vendor/xterm.mjs";
import { make, words } from "./words.js";
import { look } from "./xterm-csp.js";

const PROTOCOL = "bulle.terminal.v1";
/** The server is told of every so many bytes that were drawn, so that it can slow a flood down. */
const ACK_EVERY = 128 * 1024;
const DEFAULTS = {
  connecting: "Connecting",
  open: "Connected",
  closed: "Disconnected: {reason}",
  reconnect: "Reconnect",
  label: "Terminal",
  screenReader: "Screen reader mode",
  leaveHint: "Ctrl+Shift+Escape (or Ctrl+Shift+F6) leaves the terminal.",
  left: "You left the terminal.",
  noClipboard: "Nothing can be copied from a bubble or pasted into it.",
};

/** Cancels every way by which the browser moves text between the terminal and anything else. */
function sealClipboard(screen, told) {
  const refuse = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (["copy", "cut", "paste", "drop"].includes(event.type)) told();
  };
  // In the capture phase, so that xterm.js' own handlers, which would copy and paste, never run.
  for (const type of ["copy", "cut", "paste", "drop", "dragstart", "dragover", "contextmenu", "auxclick"]) {
    screen.addEventListener(type, refuse, true);
  }
  const secondary = (event) => {
    // A middle click pastes the X selection, a right click selects for the menu.
    if (event.button !== 0) event.preventDefault();
    if (event.button === 2) event.stopImmediatePropagation();
  };
  screen.addEventListener("mousedown", secondary, true);
  screen.addEventListener("beforeinput", (event) => {
    if (/^insertFrom(Paste|Drop|Yank)/.test(event.inputType)) refuse(event);
  }, true);
}

class TerminalFrame {
  constructor(frame) {
    this.frame = frame;
    this.say = words(frame, DEFAULTS);
    this.encoder = new TextEncoder();
    this.build();
    this.open();
    this.connect();
  }

  build() {
    this.state = make("p", { className: "terminal-state", role: "status" });
    this.again = make("button", { className: "button", type: "button", hidden: true }, this.say("reconnect"));
    this.again.addEventListener("click", () => this.connect());
    this.reader = make("button", { className: "button", type: "button", "aria-pressed": "false" }, this.say("screenReader"));
    this.reader.addEventListener("click", () => this.toggleReader());
    this.screen = make("div", { className: "terminal-screen" });
    this.note = make("p", { role: "status", tabIndex: -1, id: `terminal-note-${crypto.randomUUID()}` }, this.say("leaveHint"));
    this.frame.append(
      make("div", { className: "terminal-bar" }, this.state, this.again, this.reader),
      this.screen,
      make("div", { className: "terminal-bar" }, this.note),
    );
  }

  open() {
    this.terminal = new Terminal({
      ...look,
      cursorBlink: false,
      scrollback: 5000,
      rightClickSelectsWord: false,
      // A hyperlink of the output (OSC 8) could carry data away in its address: it goes nowhere.
      linkHandler: { activate() {} },
    });
    this.fit = new FitAddon();
    this.terminal.loadAddon(this.fit);
    this.terminal.open(this.screen);
    this.terminal.textarea.setAttribute("aria-label", this.say("label"));
    this.terminal.textarea.setAttribute("aria-describedby", this.note.id);
    this.terminal.attachCustomKeyEventHandler((event) => this.onKey(event));
    this.terminal.onData((text) => this.send(this.encoder.encode(text)));
    this.terminal.onBinary((text) => this.send(Uint8Array.from(text, (c) => c.charCodeAt(0))));
    this.terminal.onResize(() => this.sendSize());
    sealClipboard(this.screen, () => this.tell(this.say("noClipboard")));
    new ResizeObserver(() => this.fit.fit()).observe(this.screen);
    this.fit.fit();
  }

  /** Ctrl+Shift+Escape, or Ctrl+Shift+F6 where the system keeps the former for itself (Windows). */
  onKey(event) {
    const leaves = event.ctrlKey && event.shiftKey && ["Escape", "F6"].includes(event.key);
    if (!leaves) return true;
    event.preventDefault();
    if (event.type === "keydown") {
      this.tell(`${this.say("left")} ${this.say("leaveHint")}`);
      // The note stands after the terminal: the next Tab goes on through the page.
      this.note.focus();
    }
    return false;
  }

  toggleReader() {
    const on = !this.terminal.options.screenReaderMode;
    this.terminal.options.screenReaderMode = on;
    this.reader.setAttribute("aria-pressed", String(on));
  }

  tell(text) {
    this.note.textContent = text;
  }

  show(state, values) {
    this.state.dataset.state = state;
    this.state.textContent = this.say(state, values);
  }

  connect() {
    this.socket?.close();
    const url = new URL(this.frame.dataset.url, location.href);
    url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
    const socket = new WebSocket(url, [PROTOCOL]);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.unacknowledged = 0;
    this.show("connecting");
    // Events of a socket that was replaced meanwhile are not this terminal's any more.
    const mine = (act) => (event) => this.socket === socket && act(event);
    socket.addEventListener("open", mine(() => this.onOpen()));
    socket.addEventListener("message", mine((event) => this.onMessage(event.data)));
    socket.addEventListener("close", mine((event) => this.onClose(event)));
  }

  onOpen() {
    this.show("open");
    if (document.activeElement === this.again) this.terminal.focus();
    this.again.hidden = true;
    this.terminal.reset();
    this.sendSize();
    if (this.frame.hasAttribute("data-autofocus")) this.terminal.focus();
  }

  onMessage(data) {
    if (typeof data === "string") return this.onNotice(data);
    const drawn = new Uint8Array(data);
    this.terminal.write(drawn, () => this.acknowledge(drawn.length));
  }

  onNotice(text) {
    try {
      const { notice } = JSON.parse(text);
      if (typeof notice === "string") this.tell(notice);
    } catch {
      console.warn("the terminal's server sent a text frame that is not JSON");
    }
  }

  onClose(event) {
    this.show("closed", { reason: event.reason || `${event.code}` });
    this.again.hidden = false;
    if (this.screen.contains(document.activeElement)) this.again.focus();
  }

  acknowledge(count) {
    this.unacknowledged += count;
    if (this.unacknowledged < ACK_EVERY) return;
    this.send(JSON.stringify({ ack: this.unacknowledged }));
    this.unacknowledged = 0;
  }

  sendSize() {
    this.send(JSON.stringify({ resize: [this.terminal.cols, this.terminal.rows] }));
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(message);
  }
}

for (const frame of document.querySelectorAll("[data-terminal]")) new TerminalFrame(frame);
