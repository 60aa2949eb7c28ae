// Lets xterm.js draw under `style-src 'self'`.
//
// xterm.js builds `<style>` elements and sets `style="..."` attributes at run time. Both are inline styles, and
// a policy that allowed them would allow them to whoever injects markup too. The same acts done through CSSOM
// (a constructable style sheet, `element.style`) are allowed, because they can only come from our own script.
// So on the pages that import this file, and before xterm.js draws, those two acts take the allowed way.
//
// The `documentOverride` option of xterm.js 6.0 would be the narrower place, but its scroll bar and its rows ask
// the page's own document all the same; islands.test.mjs would tell if a later version did otherwise.

const nativeCreate = Document.prototype.createElement;
const nativeSet = Element.prototype.setAttribute;

/** A stand-in for `<style>`: what is put in its text goes to a style sheet of its own. */
function styleStandIn() {
  const sheet = new CSSStyleSheet();
  const element = nativeCreate.call(document, "span");
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

Document.prototype.createElement = function createElement(tag, options) {
  return tag === "style" ? styleStandIn() : nativeCreate.call(this, tag, options);
};

Element.prototype.setAttribute = function setAttribute(name, value) {
  // `getAttribute("style")` reads back what CSSOM wrote, so that appending to it works as before.
  if (name === "style") this.style.cssText = value;
  else nativeSet.call(this, name, value);
};

/** What a terminal looks like here; the contrasts are 4.5:1 or more on the ground (WCAG AA). */
export const look = {
  fontFamily: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSize: 15,
  lineHeight: 1.15,
  minimumContrastRatio: 4.5,
  theme: { background: "#0e1318", foreground: "#dfe6ec", cursor: "#93c2ec", selectionBackground: "#31506e" },
};
