// All filters of one kind: one of them on a stage, all in a strip below it. `Patterns` and `Blends` say what is drawn.
import { dress, element, heading, redraw, roving, signed } from "./dom.js";

export class Panel {
  // part: "h" or "v"; kind: "horizontal" or "vertical"; filters: the model's of that kind.
  constructor(picture, { part, kind, name, filters }) {
    Object.assign(this, { picture, part, kind, filters });
    this.adds = element("span", { class: "adds" });
    this.stage = element("div", { class: "stage" });
    this.cells = filters.map((one, at) => element("span", {
      role: "option", tabindex: at ? -1 : 0, "data-filter": one.name, title: one.name, onclick: () => picture.open(one.name), ...picture.pointing({ filter: one.name }),
    }));
    this.all = element("div", { class: "all", role: "listbox", "aria-label": `All ${kind} filters, by what they add` }, ...this.cells);
    this.root = element("section", { class: `panel ${kind}`, "data-part": part, ...picture.pointing({ part }) },
      element("h3", { onclick: () => picture.open(part) }, heading(name, ` (${kind} filters)`), this.adds), this.stage, picture.small ? null : this.all);
    roving(this.all, (at) => picture.open(filters[at].name));
  }

  draw(scene, chosen) {
    const { knobs } = this.picture.state;
    this.adds.textContent = signed(scene.parts[this.kind]);
    this.root.classList.toggle("turned", knobs.factor(this.part) !== 1);
    redraw(this.stage, this.staged(scene, chosen));
    if (this.picture.small) return;
    this.filters.forEach((one, at) => {
      const silent = this.colour(this.cells[at], scene, one) ? "" : " silent";
      dress(this.cells[at], `cell${silent}${knobs.factor(one.name) === 1 ? "" : " turned"}`, one === chosen);
    });
  }

  // What is read out; set once the hand rests.
  label(scene) {
    this.cells.forEach((cell, at) => cell.setAttribute("aria-label", this.said(scene, this.filters[at])));
  }

  // Above its drawing: a filter's name, what it seeks, what it adds.
  titled(filter, adds) {
    return element("p", { class: "name" }, element("b", {}, filter.name), ` ${this.picture.named(filter.name)}`, element("span", { class: "adds" }, signed(adds)));
  }
}
