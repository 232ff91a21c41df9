// The picture as it stands, to take along: one SVG of shapes and text, a PNG of it, or a page of its own.
import { svg } from "./arrows.js";
import { button, element } from "./dom.js";
import { download, png } from "./saving.js";

const SHARP = 2; // pixels of a PNG for each of the screen

export class Drawing {
  constructor(picture) {
    this.picture = picture;
    const ways = [button("PNG", () => this.png()), button("SVG", () => this.svg()), button("Page (HTML)", () => this.page())];
    const menu = element("div");
    this.root = element("details", { class: "save", ontoggle: () => menu.replaceChildren(...(this.root.open ? ways : [])) }, element("summary", {}, "Save this picture"), menu);
  }

  get name() {
    return `${this.picture.model.name ?? "picture"}`.replace(/[^\w.-]+/g, "-");
  }

  svg() {
    download(new Blob([new XMLSerializer().serializeToString(draw(this.picture.board))], { type: "image/svg+xml" }), `${this.name}.svg`);
  }

  async png() {
    download(await png(new XMLSerializer().serializeToString(draw(this.picture.board)), SHARP), `${this.name}.png`);
  }

  // The page that the host hands out, with these films and this state in it.
  async page() {
    const { data, values } = this.picture;
    const page = new DOMParser().parseFromString(await this.picture.host.page(), "text/html");
    page.getElementById("data").textContent = JSON.stringify({ ...data, small: false, weights: undefined, state: values }).replaceAll("<", "\\u003c");
    download(new Blob([`<!doctype html>\n${page.documentElement.outerHTML}`], { type: "text/html" }), `${this.name}.html`);
  }
}

// Every box, colour, canvas and text below `root`, where it stands on the screen, as shapes that need no browser.
export function draw(root) {
  const { left, top, width, height } = root.getBoundingClientRect();
  const made = svg("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: `-12 -12 ${width + 24} ${height + 24}`, width: Math.round(width + 24), height: Math.round(height + 24) });
  made.append(svg("rect", { x: -12, y: -12, width: width + 24, height: height + 24, fill: paper(root) }));
  const at = ({ left: x, top: y, width: w, height: h }) => ({ x: x - left, y: y - top, width: w, height: h });
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return void made.append(...words(node, at));
    if (node.nodeType !== Node.ELEMENT_NODE || node.hidden || node.matches(".search, .ask, .answer, .drop")) return;
    const style = getComputedStyle(node);
    if (style.visibility === "hidden" || style.display === "none") return;
    if (node.matches("svg.arrows")) return void made.append(...[...node.children].map(arrow));
    made.append(...box(node, style, at));
    node.childNodes.forEach(walk);
  };
  walk(root);
  return made;
}

const paper = (node) => getComputedStyle(node.querySelector(".place, .panel")).backgroundColor;

function arrow(path) {
  const { stroke, strokeWidth, strokeDasharray, opacity } = getComputedStyle(path);
  return svg("path", { d: path.getAttribute("d"), fill: "none", stroke, "stroke-width": strokeWidth, "stroke-dasharray": strokeDasharray, opacity });
}

function box(node, style, at) {
  const place = at(node.getBoundingClientRect());
  if (!place.width || !place.height) return [];
  if (node.matches("canvas")) return [svg("image", { ...place, href: node.toDataURL(), preserveAspectRatio: "none", style: "image-rendering: pixelated" })];
  const line = parseFloat(style.borderTopWidth);
  const fill = style.backgroundColor;
  const ring = style.boxShadow.match(/^(rgba?\([^)]*\)) 0px 0px 0px ([\d.]+)px/);
  const made = [];
  if (fill !== "rgba(0, 0, 0, 0)" || line) made.push(svg("rect", { ...place, rx: parseFloat(style.borderTopLeftRadius) || 0, fill, stroke: line ? style.borderTopColor : "none", "stroke-width": line }));
  if (ring) made.push(svg("rect", { ...place, rx: parseFloat(style.borderTopLeftRadius) || 0, fill: "none", stroke: ring[1], "stroke-width": ring[2] }));
  return made;
}

// A text node, one piece for each line it runs over.
function words(node, at) {
  if (!node.textContent.trim()) return [];
  const range = document.createRange();
  range.selectNodeContents(node);
  const lines = [...range.getClientRects()].filter(({ width }) => width > 0);
  const style = getComputedStyle(node.parentElement);
  const pieces = split(node, lines);
  return pieces.map(({ text, line }) => {
    const { x, y, height } = at(line);
    const made = svg("text", { x, y: y + height * 0.78, fill: style.color, "font-family": "sans-serif", "font-size": style.fontSize, "font-weight": style.fontWeight, opacity: style.opacity });
    made.textContent = text.trim();
    return made;
  });
}

function split(node, lines) {
  if (lines.length <= 1) return lines.map((line) => ({ text: node.textContent, line }));
  const pieces = lines.map((line) => ({ text: "", line }));
  const range = document.createRange();
  for (let at = 0; at < node.length; at++) {
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    const { top } = range.getBoundingClientRect();
    pieces.find(({ line }) => Math.abs(line.top - top) < 3).text += node.data[at];
  }
  return pieces;
}
