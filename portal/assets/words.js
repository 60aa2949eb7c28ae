// Words and sizes that people read, in the page's language.

/** The page's language, as a BCP 47 tag. */
export const language = document.documentElement.lang || "en";

/**
 * Gives a function `(name, values) => text` over the `data-*` attributes of `element`, with `defaults`
 * where an attribute is missing; `{key}` in a text becomes `values.key`. The answer is plain text: it must
 * only ever be put in a page by `textContent`.
 */
export function words(element, defaults) {
  return (name, values = {}) =>
    (element.dataset[name] ?? defaults[name] ?? name).replace(/\{(\w+)\}/g, (whole, key) =>
      Object.hasOwn(values, key) ? String(values[key]) : whole,
    );
}

/** Makes an element with properties (`class` and `data-*` among them) and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** A number of bytes in words: decimal units, three figures at most. */
export function bytes(count) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  const rank = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), units.length - 1);
  const digits = rank === 0 ? 0 : 1;
  const format = { style: "unit", unit: units[rank], maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, format).format(count / 1000 ** rank);
}

/** A length of time in words, in its one or two largest units; `style` is Intl's `unitDisplay`. */
export function duration(seconds, style = "long") {
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  let rest = Math.max(0, Math.floor(seconds));
  const first = Math.max(0, units.findIndex(([, length]) => rest >= length));
  const index = rest === 0 ? 3 : first;
  const parts = [];
  // The second unit only where it says something: "2 hours, 5 minutes", but "12 days".
  for (const [unit, length] of units.slice(index, rest >= 2 * 86400 ? index + 1 : index + 2)) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0 || parts.length === 0) {
      parts.push(new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: style }).format(count));
    }
  }
  return new Intl.ListFormat(language, { type: "unit", style: "short" }).format(parts);
}

/** Minutes and seconds (or hours too) as a clock shows them. */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}
