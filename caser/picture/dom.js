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

// ---- what is drawn anew takes the place of what is there, touching only what differs: a layout costs more than a drawing

export function redraw(parent, fresh) {
  const made = fresh.filter((child) => child !== null && child !== undefined);
  while (parent.childNodes.length > made.length) parent.lastChild.remove();
  made.forEach((child, at) => (parent.childNodes[at] ? patch(parent.childNodes[at], child) : parent.append(painted(child))));
}

// With its canvases painted, which is left until one is really put in.
function painted(fresh) {
  if (fresh.nodeType === Node.ELEMENT_NODE) for (const canvas of [fresh, ...fresh.querySelectorAll("canvas")]) if (canvas.pixels) repaint(canvas, canvas.pixels, true);
  return fresh;
}

const HANDLERS = ["onclick", "onfocus", "onblur", "onchange", "onkeydown", "onpointerenter", "onpointerleave", "onpointerdown"];

function patch(live, fresh) {
  if (live.nodeName !== fresh.nodeName) return live.replaceWith(painted(fresh));
  if (live.nodeType === Node.TEXT_NODE) {
    if (live.data !== fresh.data) live.data = fresh.data;
    return;
  }
  for (const { name } of [...live.attributes]) if (!fresh.hasAttribute(name)) live.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (live.getAttribute(name) !== value) live.setAttribute(name, value);
  for (const name of HANDLERS) if (live[name] !== fresh[name]) live[name] = fresh[name];
  if (live.nodeName === "INPUT" && live !== document.activeElement) live.value = fresh.value;
  if (live.nodeName === "CANVAS") return repaint(live, fresh.pixels);
  redraw(live, [...fresh.childNodes]);
}

// Pixels of a canvas, kept beside it, so that the same ones are not painted twice.
export function repaint(canvas, pixels, anew = false) {
  const { width, height, data } = pixels;
  const before = anew ? null : canvas.pixels;
  if (before === pixels) return;
  if (before && before.width === width && before.height === height && before.data.every((value, at) => value === data[at])) return;
  if (canvas.width !== width || canvas.height !== height || !before) Object.assign(canvas, { width, height });
  canvas.pixels = pixels;
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

// The class of an option, and whether it is the chosen one.
export function dress(option, className, chosen) {
  if (option.className !== className) option.className = className;
  if (option.getAttribute("aria-selected") !== String(chosen)) option.setAttribute("aria-selected", String(chosen));
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
  if (at >= 0 && document.activeElement !== focus) focus?.focus({ preventScroll: true });
}
