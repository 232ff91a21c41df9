// The films to watch next, best first, and what moved.
import { button, element, ranked, redraw, refocus, roving, signed } from "./dom.js";

export class List {
  constructor(picture) {
    this.picture = picture;
    this.list = element("ol", { role: "listbox", "aria-label": "Recommended, best first; Enter shows what puts one there" });
    this.extra = element("div", { class: "looked" });
    this.answer = element("div", { class: "answer", "aria-live": "polite" });
    this.ask = picture.small || !picture.model.features ? null : button("What would put it on top?", () => picture.search(), { class: "ask" });
    this.root = element("section", { class: "list" }, element("h3", {}, "What comes next"), this.list, this.extra, picture.changed, this.ask, this.answer);
    roving(this.list, (at) => picture.lookAt(this.items[at]));
  }

  draw(scene) {
    const { picture } = this;
    const rows = picture.small ? scene.list.slice(0, 5) : scene.list;
    this.items = rows.map(({ item }) => item);
    const most = Math.max(...rows.map((row) => row.chance ?? 0), 1e-9);
    refocus(this.list, () => redraw(this.list, rows.map((row) => this.row(row, scene, most))));
    redraw(this.extra, scene.looked ? [this.row(scene.looked, scene, most, "div")] : []);
    if (this.ask) this.ask.hidden = scene.rank <= 1;
    this.answer.replaceChildren();
  }

  row(row, scene, most, tag = "li") {
    const { picture } = this;
    const { model, data } = picture;
    const title = model.titles[row.item];
    const truth = row.item === data.target ? "★ " : "";
    const value = row.chance === null ? row.score.toFixed(2) : percent(row.chance);
    const said = truth ? `, really ${model.words.watched} next` : "";
    return element(tag, {
      role: tag === "li" ? "option" : null, tabindex: tag === "li" ? -1 : null, class: row.item === scene.item ? "entry chosen" : "entry", "data-item": row.item,
      "aria-selected": tag === "li" ? String(row.item === scene.item) : null,
      "aria-label": tag === "li" ? `${ranked(row.rank)}: ${title}${said}, ${row.chance === null ? "score" : "chance"} ${value}${moved(row)}` : null,
      style: `--share:${row.chance === null ? 0 : row.chance / most}`,
      onclick: () => picture.lookAt(row.item), ...picture.pointing({ item: row.item }),
    }, tag === "li" ? null : element("span", { class: "number" }, ranked(row.rank)), element("span", { class: "title", title }, truth + picture.titled(title)), arrow(row), element("span", { class: "value" }, value));
  }

  // What the search for the smallest change has found.
  say(changes, done) {
    const { picture } = this;
    const found = changes.map((change) => button(words(picture.model, change), () => picture.change(change.state), { class: "found" }));
    const none = done && !found.length ? [element("p", {}, "No single change does it.")] : [];
    this.answer.replaceChildren(...found, ...none, ...(done ? [] : [element("p", {}, "Searching …")]));
  }
}

function words(model, change) {
  const title = (film) => model.titles[film] ?? `no ${model.words.film}`;
  if (change.kind === "drop") return `Drop ${title(change.film)}`;
  if (change.kind === "swap") return `Swap ${model.words.films} ${change.place + 1} and ${change.other + 1}`;
  if (change.kind === "turn") return `Turn ${partName(model, change.name)} to ${signed(change.value)}`;
  if (change.kind === "add") return `Add ${title(change.film)} as the latest`;
  return `${title(change.film)} instead of ${title(change.was)}`;
}

export function partName(model, name) {
  const { words: own } = model;
  return { h: "all patterns", v: "all blends", p: `who is ${own.watching}` }[name] ?? name;
}

export const percent = (chance) => (chance < 0.0005 ? "<0.1 %" : `${(100 * chance).toFixed(chance < 0.0995 ? 1 : 0)} %`);

function moved({ rank, was }) {
  if (was === null || was === rank) return "";
  return was === Infinity ? ", new" : `, was ${ranked(was)}`;
}

function arrow({ rank, was }) {
  if (was === null || was === rank) return element("span", { class: "moved" });
  const up = was > rank;
  return element("span", { class: `moved ${up ? "up" : "down"}`, "aria-hidden": "true" }, `${up ? "▲" : "▼"}${ranked(Math.abs(was - rank))}`);
}
