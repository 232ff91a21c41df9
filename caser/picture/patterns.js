// Horizontal filters: one slides over the films, all of them in a strip by what they add.
import { element, heading, plain, refocus, roving, signed } from "./dom.js";
import { cells } from "./engine.js";
import { span } from "./motion.js";
import { largest, shade, strip } from "./strip.js";

export const READABLE = 16; // numbers of a row that can be read and edited

export class Patterns {
  constructor(picture) {
    this.picture = picture;
    const { words } = picture.model;
    this.adds = element("span", { class: "adds" });
    this.stage = element("div", { class: "stage" });
    this.all = element("div", { class: "all", role: "listbox", "aria-label": "All horizontal filters, by what they add" });
    this.root = element("section", { class: "panel horizontal", "data-part": "h", ...picture.pointing({ part: "h" }) },
      element("h3", { onclick: () => picture.open("h") }, heading("Patterns", ` over neighbouring ${words.films}`), this.adds), this.stage, picture.small ? null : this.all);
    roving(this.all, (at) => picture.open(picture.model.filters[at].name));
  }

  draw(scene, filter) {
    const { picture } = this;
    const { model, state } = picture;
    this.adds.textContent = signed(scene.parts.horizontal);
    this.root.classList.toggle("turned", state.knobs.factor("h") !== 1);
    this.stage.replaceChildren(...this.filter(scene, filter));
    if (picture.small) return;
    const scale = largest(scene.parts.filters);
    refocus(this.all, () => this.all.replaceChildren(...model.filters.map((one) => {
      const adds = scene.parts.filters[one.place];
      const fires = scene.flow.activation[one.place] > 0;
      return element("span", {
        role: "option", tabindex: -1, "aria-selected": String(one === filter), "data-filter": one.name, title: one.name,
        class: `cell${fires ? "" : " silent"}${state.knobs.factor(one.name) === 1 ? "" : " turned"}`,
        style: fires ? `background:${shade(adds, scale)}` : null,
        "aria-label": `${one.name}, ${picture.named(one.name)}: ${fires ? `adds ${signed(adds)}` : "no match here"}`,
        onclick: () => picture.open(one.name), ...picture.pointing({ filter: one.name }),
      });
    })));
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
    return [name, strip(rows, "weights"), windows];
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
