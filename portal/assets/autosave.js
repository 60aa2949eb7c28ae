// Saves a form field by field, so that nothing typed is lost. README.md has the markup and the protocol.

import { language, make, words } from "./words.js";

const DELAY = 800; // ms after the last key
const DEFAULTS = {
  saving: "Saving",
  saved: "Saved at {time}",
  notSaved: "Not saved: {reason}",
  restored: "Text that was not saved is back",
  offline: "the server does not answer",
};
const LEFT_OUT = ["password", "file", "hidden", "submit", "button", "image", "reset"];

class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosave;
    this.say = words(form, DEFAULTS);
    this.version = form.dataset.version ?? "0";
    this.key = `bulle.autosave.${this.url}`;
    this.waiting = new Map(); // field name -> timer, or null when its turn has come
    this.busy = false;
    this.conflict = new Set(); // names that wait for the person's next edit
    form.addEventListener("input", (event) => this.changed(event.target, DELAY));
    form.addEventListener("change", (event) => this.changed(event.target, 0));
    form.addEventListener("submit", (event) => this.finishFirst(event));
    window.addEventListener("online", () => this.pump());
    this.restore();
  }

  controls(name) {
    return Array.from(this.form.elements).filter((control) => control.name === name && !control.disabled);
  }

  /** A field's values as the form itself would send them; a group of boxes has several or none. */
  values(name) {
    return this.controls(name).flatMap((control) => {
      if (["checkbox", "radio"].includes(control.type)) return control.checked ? [control.value] : [];
      if (control.type === "select-multiple") return Array.from(control.selectedOptions, ({ value }) => value);
      return [control.value];
    });
  }

  changed(control, delay) {
    const { name, type } = control;
    if (!name || LEFT_OUT.includes(type) || "autosaveSkip" in control.dataset) return;
    // `change` after `input` of a text that was already saved has nothing to say.
    if (delay === 0 && this.lastSaved?.get(name) === JSON.stringify(this.values(name))) return;
    this.conflict.delete(name);
    this.keep(name);
    clearTimeout(this.waiting.get(name) ?? undefined);
    this.waiting.set(name, setTimeout(() => { this.waiting.set(name, null); this.pump(); }, delay));
  }

  kept() {
    try {
      return JSON.parse(sessionStorage.getItem(this.key)) ?? {};
    } catch {
      return {};
    }
  }

  store(all) {
    try {
      if (Object.keys(all).length) sessionStorage.setItem(this.key, JSON.stringify(all));
      else sessionStorage.removeItem(this.key);
    } catch {
      // A full or forbidden storage takes the safety net away, not the saving itself.
    }
  }

  keep(name) {
    this.store({ ...this.kept(), [name]: this.values(name) });
  }

  drop(name, sent) {
    const { [name]: kept, ...others } = this.kept();
    if (kept !== undefined && JSON.stringify(kept) === sent) this.store(others);
  }

  /** Puts back what an earlier page could not save, and saves it. */
  restore() {
    for (const [name, kept] of Object.entries(this.kept())) {
      const controls = this.controls(name);
      const same = JSON.stringify(this.values(name)) === JSON.stringify(kept);
      if (controls.length === 0 || same) {
        this.drop(name, JSON.stringify(kept));
        continue;
      }
      for (const control of controls) {
        if (["checkbox", "radio"].includes(control.type)) control.checked = kept.includes(control.value);
        else if (control.type === "select-multiple") {
          for (const option of control.options) option.selected = kept.includes(option.value);
        } else control.value = kept[0] ?? "";
      }
      this.show(name, "restored", this.say("restored"));
      this.waiting.set(name, null);
    }
    this.pump();
  }

  /** Sends what waits, one at a time: each answer brings the version that the next one needs. */
  pump() {
    if (!this.busy) this.pumping = this.sendAll();
    return this.pumping;
  }

  async sendAll() {
    const ready = () => [...this.waiting].find(([name, timer]) => timer === null && !this.conflict.has(name))?.[0];
    this.busy = true;
    for (let name = ready(); name !== undefined; name = ready()) {
      this.waiting.delete(name);
      if (!(await this.save(name))) break;
    }
    this.busy = false;
  }

  /** Saves one field; false when the server could not be reached, so that the others wait too. */
  async save(name) {
    const values = this.values(name);
    const sent = JSON.stringify(values);
    this.show(name, "saving", this.say("saving"));
    let answer;
    let json;
    try {
      const { csrf, csrfHeader } = this.form.dataset;
      const headers = csrf ? { [csrfHeader ?? "x-csrf-token"]: csrf } : {};
      const body = new URLSearchParams((values.length ? values : [""]).map((value) => [name, value]));
      body.append("version", this.version);
      // A redirect would be the sign-in page: its 200 must not read as saved.
      const options = { method: "POST", body, headers, credentials: "same-origin", redirect: "error" };
      answer = await fetch(this.url, options);
      json = await answer.json().catch(() => ({}));
      if (answer.status >= 500 || answer.status === 429) throw new Error("not now");
    } catch {
      this.show(name, "failed", this.say("notSaved", { reason: this.say("offline") }));
      if (!this.waiting.has(name)) this.waiting.set(name, null);
      clearTimeout(this.retry);
      this.retry = setTimeout(() => this.pump(), 15_000);
      return false;
    }
    if (json.version !== undefined) this.move(json.version);
    if (answer.ok) this.onSaved(name, sent);
    else this.onRefused(name, answer.status, json.error);
    return true;
  }

  /** The form's own Save button sends the version too: it must be the newest. */
  move(version) {
    this.version = String(version);
    for (const control of this.controls("version")) control.value = this.version;
  }

  /** Lets what is on its way arrive before the whole form is sent, which would otherwise meet its own changes. */
  async finishFirst(event) {
    if (!this.busy && this.waiting.size === 0) return;
    event.preventDefault();
    const { submitter } = event;
    for (const [name, timer] of this.waiting) {
      clearTimeout(timer ?? undefined);
      this.waiting.set(name, null);
    }
    await (this.busy ? this.pumping : this.pump());
    if (this.waiting.size > 0 && this.conflict.size === 0) await this.pump();
    this.waiting.clear();
    this.form.requestSubmit(submitter);
  }

  onSaved(name, sent) {
    (this.lastSaved ??= new Map()).set(name, sent);
    this.drop(name, sent);
    const time = new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(new Date());
    this.show(name, "saved", this.say("saved", { time }));
  }

  onRefused(name, status, error) {
    this.show(name, "failed", this.say("notSaved", { reason: error ?? String(status) }));
    if (status === 409) this.conflict.add(name);
  }

  show(name, state, text) {
    const last = this.controls(name).at(-1);
    const field = last?.closest(".field, fieldset") ?? last?.parentElement;
    if (!field) return;
    let line = field.querySelector(":scope > .save-state");
    if (!line) field.append((line = make("span", { className: "save-state", role: "status" })));
    line.dataset.state = state;
    line.textContent = text;
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
