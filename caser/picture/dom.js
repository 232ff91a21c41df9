// Elements of a page, made and kept.

// element("li", {class: "film", "aria-label": "..."}, "text" or element, ...)
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made[name] = value;
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const button = (text, onclick, attributes = {}) => element("button", { type: "button", onclick, ...attributes }, text);

// A heading, and what of it a small picture leaves out.
export const heading = (text, detail) => element("span", {}, text, element("span", { class: "detail" }, detail));

export const signed = (value, digits = 2) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(digits);

export const plain = (value, digits = 2) => (value < 0 ? "−" : "") + Math.abs(value).toFixed(digits);

export function ranked(rank) {
  return Number.isInteger(rank) ? rank.toLocaleString("en") : rank.toFixed(1);
}

// Keys move within a list whose options are one stop of the keyboard (the ARIA listbox pattern).
export function roving(list, chosen, keys = {}) {
  list.onkeydown = (event) => {
    const options = [...list.querySelectorAll("[role=option]")];
    const at = options.indexOf(event.target.closest("[role=option]"));
    if (at < 0) return;
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Home: -at, End: options.length - 1 - at }[event.key];
    if (keys[event.key] && keys[event.key](at, event)) stop(event);
    else if (step !== undefined && !event.altKey && !event.shiftKey) {
      options[Math.min(Math.max(at + step, 0), options.length - 1)].focus();
      stop(event);
    } else if (event.key === "Enter" || event.key === " ") {
      chosen(at);
      stop(event);
    }
  };
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

// Put the focus where it was among options that were drawn anew.
export function refocus(list, draw) {
  const options = () => [...list.querySelectorAll("[role=option]")];
  const at = options().indexOf(document.activeElement);
  draw();
  const tabbed = options();
  const focus = tabbed[Math.min(at, tabbed.length - 1)];
  (focus ?? tabbed.find((option) => option.getAttribute("aria-selected") === "true") ?? tabbed[0])?.setAttribute("tabindex", 0);
  if (at >= 0) focus?.focus({ preventScroll: true });
}
