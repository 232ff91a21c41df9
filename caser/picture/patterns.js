// Horizontal filters: one slides over the films, all of them in a strip by what they add.
import { dress, element, heading, plain, redraw, roving, signed } from "./dom.js";
import { cells } from "./engine.js";
import { span } from "./motion.js";
import { colours, largest, shade, strip } from "./strip.js";

export const READABLE = 16; // numbers of a row that can be read and edited

export class Patterns {
  constructor(picture) {
    this.picture = picture;
    this.adds = element("span", { class: "adds" });
    this.stage = element("div", { class: "stage" });
    this.all = element("div", { class: "all", role: "listbox", "aria-label": "All horizontal filters, by what they add" });
    this.root = element("section", { class: "panel horizontal", "data-part": "h", ...picture.pointing({ part: "h" }) },
      element("h3", { onclick: () => picture.open("h") }, heading("Patterns", " (horizontal filters)"), this.adds), this.stage, picture.small ? null : this.all);
    roving(this.all, (at) => picture.open(picture.model.filters[at].name));
  }

  draw(scene, filter) {
    const { picture } = this;
    const { model, state } = picture;
    this.adds.textContent = signed(scene.parts.horizontal);
    this.root.classList.toggle("turned", state.knobs.factor("h") !== 1);
    redraw(this.stage, this.filter(scene, filter));
    if (picture.small) return;
    this.cells ??= model.filters.map((one) => this.cell(one));
    if (!this.all.firstChild) this.all.append(...this.cells);
    const scale = largest(scene.parts.filters);
    model.filters.forEach((one, at) => {
      const fires = scene.flow.activation[one.place] > 0;
      const cell = this.cells[at];
      cell.style.background = fires ? shade(scene.parts.filters[one.place], scale) : "";
      dress(cell, `cell${fires ? "" : " silent"}${state.knobs.factor(one.name) === 1 ? "" : " turned"}`, one === filter);
    });
  }

  cell(one) {
    const { picture } = this;
    return element("span", { role: "option", tabindex: one.place ? -1 : 0, "data-filter": one.name, title: one.name, onclick: () => picture.open(one.name), ...picture.pointing({ filter: one.name }) });
  }

  // What is read out; set once the hand rests.
  label(scene) {
    this.cells?.forEach((cell, at) => {
      const { name, place } = this.picture.model.filters[at];
      const adds = scene.flow.activation[place] > 0 ? `adds ${signed(scene.parts.filters[place])}` : "no match here";
      cell.setAttribute("aria-label", `${name}, ${this.picture.named(name)}: ${adds}`);
    });
  }

  filter(scene, filter) {
    const { picture } = this;
    const { model, state } = picture;
    const responses = scene.flow.responses[filter.place];
    const kept = scene.flow.kept[filter.place];
    const scale = largest(responses);
    const windows = element("div", { class: "windows" }, ...responses.map((response, first) => element("span", {
      class: `window${first === kept ? " kept" : ""}`, "data-window": first, title: span(model.words, first, filter.height),
      style: `--shade:${response > 0 ? shade(response, 2 * scale) : "transparent"}`,
      ...picture.pointing({ filter: filter.name, window: first }),
    }, plain(response))));
    const name = element("p", { class: "name" }, element("b", {}, filter.name), ` ${picture.named(filter.name)}`, element("span", { class: "adds" }, signed(scene.parts.filters[filter.place])));
    const values = cells(model, state.knobs, filter);
    const rows = Array.from({ length: filter.height }, (_, row) => [...values.subarray(row * model.d, (row + 1) * model.d)]);
    const opened = state.opened === filter.name;
    if (opened && model.d <= READABLE) return [name, this.editor(filter, rows), windows];
    return [name, strip(colours(rows), "weights"), windows];
  }

  // Every number of a filter, to be changed.
  editor(filter, rows) {
    const scale = largest(rows.map(largest));
    return element("div", { class: "editor", style: `--columns:${this.picture.model.d}` }, ...rows.flatMap((values, row) => values.map((value, column) => {
      const name = `${filter.name}@${row + 1}.${column + 1}`;
      return element("input", {
        value: plain(value), "aria-label": `row ${row + 1}, number ${column + 1}`, style: `background:${shade(value, scale)}`, inputmode: "decimal",
        onkeydown: (event) => event.stopPropagation(),
        onchange: (event) => {
          const typed = Number(event.target.value.replace("−", "-"));
          if (Number.isFinite(typed)) this.picture.turn(name, typed);
          else event.target.value = plain(value);
        },
      });
    })));
  }
}
