// Resumable upload of files of any size. README.md has the markup and the protocol.
//
// What is on the wire is always known to the server first: after any doubt the offset is asked, never guessed.
// The hash is computed along the way; when an upload goes on after a reload its first part is read again.

import { Sha256 } from "./sha256.js";
import { bytes, duration, make, words } from "./words.js";

const CHUNK = 8 * 1024 * 1024;
const HASH_STEP = 1024 * 1024; // between two steps the page gets a turn
const WAIT_MAX = 30; // seconds
const DEFAULTS = {
  hashing: "Checking",
  uploading: "{sent} of {size}, {speed}, {left} left",
  paused: "Paused",
  retrying: "The connection broke; trying again in {seconds} s",
  done: "Received, SHA-256 {sha256}",
  failed: "Not sent: {reason}",
  pause: "Pause",
  resume: "Resume",
  again: "Try again",
  resumed: "Resumed at {sent}",
  changed: "this is not the file that was begun",
};

/** The server refused, and trying again would not help. */
class Refused extends Error {}
/** The server's offset is not ours: `offset` is the true one. */
class Moved extends Error {
  constructor(offset) {
    super("offset");
    this.offset = offset;
  }
}
/** Nobody answered, or the server cannot now; `seconds` is how long it asks us to wait, or NaN. */
class Broken extends Error {
  constructor(seconds) {
    super("broken");
    this.seconds = seconds;
  }
}

/** One request; the answer's JSON, or one of the errors above. */
async function ask(method, url, { body, headers = {}, signal } = {}) {
  let answer;
  let json;
  try {
    const told = { accept: "application/json", ...headers }; // also what refuses before the handler answers so
    answer = await fetch(url, { method, body, headers: told, signal, credentials: "same-origin", redirect: "error" });
    json = await answer.json().catch(() => ({}));
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Broken(NaN);
  }
  if (answer.ok) return json;
  if (answer.status === 409 && Number.isSafeInteger(json.offset)) throw new Moved(json.offset);
  if (answer.status >= 500 || [408, 425, 429].includes(answer.status)) {
    throw new Broken(Number(answer.headers.get("retry-after") ?? NaN));
  }
  throw Object.assign(new Refused(json.error ?? json.message ?? `${answer.status}`), { status: answer.status });
}

/** Where `localStorage` keeps an unfinished upload; hashed, so that a shared computer tells no file names. */
function memoryKey(url, file) {
  const text = JSON.stringify([url, file.name, file.size, file.lastModified]);
  return `bulle.upload.${new Sha256().update(new TextEncoder().encode(text)).hex()}`;
}

class Upload {
  constructor(form, file, say) {
    this.form = form;
    this.file = file;
    this.say = say;
    this.key = memoryKey(form.dataset.uploadUrl, file);
    this.hash = new Sha256();
    this.state = "waiting";
    this.build();
  }

  build() {
    this.about = make("span", { className: "about", role: "status" }, bytes(this.file.size));
    this.button = make("button", { className: "button small", type: "button", hidden: true });
    this.button.addEventListener("click", () => (this.state === "running" ? this.pause() : this.run()));
    this.bar = make("progress", { max: Math.max(this.file.size, 1), value: 0, "aria-label": this.file.name });
    this.row = make("li", { className: "file" },
      make("span", { className: "name" }, this.file.name), this.about,
      make("span", { className: "actions" }, this.button), this.bar);
  }

  headers(more = {}) {
    const { csrf, csrfHeader } = this.form.dataset;
    return csrf ? { [csrfHeader ?? "x-csrf-token"]: csrf, ...more } : more;
  }

  to(state, text) {
    this.state = state;
    if (text !== undefined) this.about.textContent = text;
    const word = { running: "pause", paused: "resume", failed: "again" }[state];
    this.button.hidden = !word;
    if (word) {
      this.button.textContent = this.say(word);
      this.button.setAttribute("aria-label", `${this.say(word)}: ${this.file.name}`);
    }
  }

  pause() {
    this.abort?.abort();
    this.to("paused", this.say("paused"));
  }

  /** Sends until all is in, paused or refused; resolves to the finish answer, or undefined. */
  async run() {
    const abort = new AbortController();
    this.abort = abort;
    this.to("running");
    for (let wait = 1; ; wait = Math.min(wait * 2, WAIT_MAX)) {
      try {
        const answer = await this.attempt(abort.signal, () => (wait = 1));
        this.settle?.(answer);
        return;
      } catch (error) {
        if (abort.signal.aborted) return;
        if (!(error instanceof Broken)) return this.fail(error);
        const seconds = error.seconds > 0 ? Math.min(error.seconds, 600) : wait;
        this.about.textContent = this.say("retrying", { seconds });
        await this.sleep(seconds, abort.signal);
        if (abort.signal.aborted) return;
      }
    }
  }

  /** Waits, but no longer than until the network is said to be back or the person pauses. */
  sleep(seconds, signal) {
    return new Promise((done) => {
      const timer = setTimeout(done, seconds * 1000);
      const early = () => { clearTimeout(timer); done(); };
      signal.addEventListener("abort", early, { once: true });
      window.addEventListener("online", early, { once: true, signal });
    });
  }

  fail(error) {
    if (!(error instanceof Refused)) console.error(error);
    this.to("failed", this.say("failed", { reason: error.message }));
    this.settle?.(); // the next file's turn
  }

  async attempt(signal, progressed) {
    let offset = await this.locate(signal);
    this.began = { at: performance.now(), offset };
    while (offset < this.file.size) {
      offset = await this.sendChunk(offset, signal);
      this.show(offset);
      progressed();
    }
    await this.hashTo(this.file.size, signal);
    return this.finish(signal);
  }

  /** Finds where the server stands: in this upload, one begun before a reload, or a new one. */
  async locate(signal) {
    this.url ??= localStorage.getItem(this.key) ?? undefined;
    if (this.url) {
      const known = await ask("GET", this.url, { signal }).catch((error) => {
        if (error instanceof Refused && [404, 410].includes(error.status)) return null;
        throw error;
      });
      if (known) return this.from(known.offset);
    }
    const body = JSON.stringify({ name: this.file.name, size: this.file.size });
    const headers = this.headers({ "content-type": "application/json" });
    const begun = await ask("POST", this.form.dataset.uploadUrl, { body, headers, signal });
    // An answer must not send the file to another origin.
    if (new URL(begun.upload, location.href).origin !== location.origin) throw new Refused("origin");
    this.url = begun.upload;
    localStorage.setItem(this.key, this.url);
    return this.from(begun.offset);
  }

  from(offset) {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > this.file.size) throw new Refused(this.say("changed"));
    if (offset > 0) this.about.textContent = this.say("resumed", { sent: bytes(offset) });
    this.bar.value = offset;
    return offset;
  }

  async sendChunk(offset, signal) {
    const end = Math.min(offset + CHUNK, this.file.size);
    const headers = this.headers({ "upload-offset": String(offset), "content-type": "application/octet-stream" });
    const sending = ask("PUT", this.url, { body: this.file.slice(offset, end), headers, signal });
    // The hash is made while the network works; its own failure is told after the answer.
    const [sent] = await Promise.allSettled([sending, this.hashTo(end, signal)]);
    if (sent.status === "fulfilled") return this.from(sent.value.offset);
    if (sent.reason instanceof Moved) return this.from(sent.reason.offset);
    throw sent.reason;
  }

  /** Takes the file into the hash up to byte `end`, from wherever it stands. */
  async hashTo(end, signal) {
    while (this.hash.length < end) {
      signal.throwIfAborted();
      const at = this.hash.length;
      const part = await this.file.slice(at, Math.min(at + HASH_STEP, end)).arrayBuffer();
      if (at + HASH_STEP < end - CHUNK) this.about.textContent = `${this.say("hashing")} ${bytes(at)}`;
      // A pause and a resume may overlap here: only the one that finds the hash where it left it goes on.
      if (this.hash.length === at) this.hash.update(new Uint8Array(part));
    }
  }

  show(offset) {
    const seconds = (performance.now() - this.began.at) / 1000;
    const rate = (offset - this.began.offset) / Math.max(seconds, 0.001);
    const left = rate > 0 ? (this.file.size - offset) / rate : 0;
    this.about.textContent = this.say("uploading", {
      sent: bytes(offset), size: bytes(this.file.size), speed: `${bytes(rate)}/s`, left: duration(left),
    });
  }

  async finish(signal) {
    this.sha256 ??= this.hash.hex();
    const headers = this.headers({ "content-type": "application/json" });
    const body = JSON.stringify({ sha256: this.sha256 });
    const answer = await ask("POST", `${this.url}/finish`, { body, headers, signal }).catch((error) => {
      // What arrived is not what was read: the next try begins anew.
      if (error instanceof Refused) this.forget();
      throw error;
    });
    localStorage.removeItem(this.key);
    this.to("done", this.say("done", { sha256: this.sha256 }));
    return answer;
  }

  forget() {
    localStorage.removeItem(this.key);
    this.url = undefined;
    this.sha256 = undefined;
    this.hash = new Sha256();
  }
}

function enhance(form) {
  const say = words(form, DEFAULTS);
  const input = form.querySelector('input[type="file"]');
  const list = form.querySelector("[data-upload-list]");
  const uploads = [];
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const fresh = Array.from(input.files, (file) => new Upload(form, file, say));
    // A file that is sent anew takes the place of its refused namesake, which would else hold up the page.
    const anew = ({ file, state }) => state === "failed" && fresh.some((upload) => upload.file.name === file.name);
    for (const old of uploads.filter(anew)) {
      old.row.remove();
      uploads.splice(uploads.indexOf(old), 1);
    }
    input.value = "";
    list.hidden = false;
    list.append(...fresh.map((upload) => upload.row));
    let location;
    // One after the other: a second stream would only share the line.
    for (const upload of fresh) {
      const settled = new Promise((resolve) => (upload.settle = resolve));
      uploads.push(upload);
      upload.run();
      location = (await settled)?.location ?? location;
    }
    const here = location && new URL(location, window.location.href);
    if (here && here.origin === window.location.origin && uploads.every(({ state }) => state === "done")) {
      window.location.assign(here);
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (uploads.some(({ state }) => state === "running")) event.preventDefault();
  });
}

for (const form of document.querySelectorAll("form[data-upload]")) enhance(form);
