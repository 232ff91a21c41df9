// The arrows: as wide as what they add to the score of the film looked at.
import { redraw } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDEST = 26, THINNEST = 0.8;

export function svg(tag, attributes = {}) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

export class Arrows {
  constructor(picture) {
    this.picture = picture;
    this.root = svg("svg", { class: "arrows", "aria-hidden": "true" });
  }

  draw(scene) {
    this.flows = flows(this.picture.model, scene);
    this.place();
  }

  // Where the blocks stand now; again whenever the page changes its width.
  place() {
    const { board } = this.picture;
    const origin = board.getBoundingClientRect();
    if (!origin.width || !this.flows) return;
    this.root.setAttribute("viewBox", `0 0 ${origin.width} ${origin.height}`);
    const box = (key) => {
      const found = this.picture.block(key);
      if (!found) return null;
      const { left, right, top, bottom } = found.getBoundingClientRect();
      return { left: left - origin.left, right: right - origin.left, top: top - origin.top, bottom: bottom - origin.top };
    };
    const scale = WIDEST / Math.max(...this.flows.map(({ value }) => Math.abs(value)), 1e-9);
    const paths = this.flows.map((flow) => ({ ...flow, begin: box(flow.from), end: box(flow.to), width: Math.max(Math.abs(flow.value) * scale, THINNEST) }))
      .filter(({ begin, end }) => begin && end);
    stack(paths, "from", "begin");
    stack(paths, "to", "end");
    redraw(this.root, paths.flatMap(draw));
  }

  // Only the arrows that touch `keys` stay strong.
  light(keys) {
    this.root.classList.toggle("lit", keys !== null);
    for (const path of this.root.children) path.classList.toggle("on", keys !== null && keys.some((key) => path.dataset.from === key || path.dataset.to === key));
  }
}

function flows(model, { parts, item }) {
  const made = [];
  const over = (places, to) => places.forEach((value, place) => value && made.push({ from: `film-${place}`, to, value }));
  const byPlace = (shares) => parts.films.map((_, place) => shares.reduce((sum, one) => sum + one[place], 0));
  if (model.n_h) over(byPlace(parts.byFilter), "h");
  if (model.n_v) over(byPlace(parts.byBlend), "v");
  const after = model.features ? "z" : `item-${item}`;
  if (model.server) {
    over(parts.films, "z");
    made.push({ from: "z", to: after, value: parts.films.reduce((sum, value) => sum + value, 0) });
  }
  if (model.n_h) made.push({ from: "h", to: after, value: parts.horizontal });
  if (model.n_v) made.push({ from: "v", to: after, value: parts.vertical });
  if (model.features) made.push({ from: "z", to: `item-${item}`, value: parts.horizontal + parts.vertical + parts.network });
  if (model.weights?.users || parts.user) made.push({ from: "p", to: `item-${item}`, value: parts.user });
  return made;
}

// Side by side along the edge where they begin or end.
function stack(paths, end, box) {
  const groups = Map.groupBy ? Map.groupBy(paths, (path) => path[end]) : grouped(paths, (path) => path[end]);
  for (const group of groups.values()) {
    const widths = group.reduce((sum, { width }) => sum + width + 2, -2);
    let along = -widths / 2;
    for (const path of group) {
      path[`${box}At`] = along + path.width / 2;
      along += path.width + 2;
    }
  }
}

function grouped(values, key) {
  const groups = new Map();
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value]);
  return groups;
}

function draw({ begin, end, beginAt, endAt, width, value, from, to }) {
  const beside = end.left >= begin.right - 4;
  const [x1, y1] = beside ? [begin.right, clamp(middle(begin.top, begin.bottom) + beginAt, begin)] : [middle(begin.left, begin.right) + beginAt, begin.bottom];
  const [x2, y2] = beside ? [end.left, clamp(middle(end.top, end.bottom) + endAt, end)] : [middle(end.left, end.right) + endAt, end.top];
  const bend = beside ? `C ${middle(x1, x2)} ${y1} ${middle(x1, x2)} ${y2}` : `C ${x1} ${middle(y1, y2)} ${x2} ${middle(y1, y2)}`;
  const d = `M ${x1} ${y1} ${bend} ${x2} ${y2}`;
  const sign = value < 0 ? "below" : "above";
  const common = { d, "data-from": from, "data-to": to };
  return [
    svg("path", { ...common, class: `flow ${sign}`, "stroke-width": width.toFixed(2) }),
    svg("path", { ...common, class: `run ${sign}`, "stroke-width": Math.min(Math.max(width / 5, 1), 2.5).toFixed(2) }),
  ];
}

const middle = (one, other) => (one + other) / 2;

const clamp = (value, { top, bottom }) => Math.min(Math.max(value, top + 2), bottom - 2);
