// Lets xterm.js draw under `style-src 'self'`.
//
// xterm.js builds `<style>` elements and sets `style="..."` attributes at run time. Both are inline styles, and
// a policy that allowed them would allow them to whoever injects markup too. The same acts done through CSSOM
// (a constructable style sheet, `element.style`) are allowed, because they can only come from our own script.
// So the terminal is given, through its `documentOverride` option, a document whose `createElement` returns
// elements that take the allowed way.

/** A stand-in for `<style>`: what is put in its text goes to a style sheet of its own. */
function styleStandIn() {
  const sheet = new CSSStyleSheet();
  const element = document.createElement("span");
  element.hidden = true;
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, "textContent", {
    set: (text) => sheet.replaceSync(text ?? ""),
    get: () => "",
  });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}

/** `setAttribute` that turns `style` into CSSOM; `getAttribute("style")` then reads it back as usual. */
function setAttribute(name, value) {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

function createElement(tag, options) {
  if (tag === "style") return styleStandIn();
  const element = document.createElement(tag, options);
  element.setAttribute = setAttribute;
  return element;
}

/** The document to give to `new Terminal({ documentOverride })`. */
export function cspDocument() {
  return new Proxy(document, {
    get(target, name) {
      if (name === "createElement") return createElement;
      const value = Reflect.get(target, name);
      // The browser's own functions refuse a proxy as `this`.
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value),
  });
}

/** What a terminal looks like here; the contrasts are 4.5:1 or more on the ground (WCAG AA). */
export const look = {
  fontFamily: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSize: 15,
  lineHeight: 1.15,
  minimumContrastRatio: 4.5,
  theme: { background: "#0e1318", foreground: "#dfe6ec", cursor: "#93c2ec", selectionBackground: "#31506e" },
};
