// Horizontal filters: one slides over the films, all of them in a strip by what they add.
import { element, plain, signed } from "./dom.js";
import { cells } from "./engine.js";
import { span } from "./motion.js";
import { Panel } from "./panel.js";
import { colours, largest, shade, strip } from "./strip.js";

export const READABLE = 16; // numbers of a row that can be read and edited

export class Patterns extends Panel {
  constructor(picture) {
    super(picture, { part: "h", kind: "horizontal", name: "Patterns", filters: picture.model.filters });
  }

  colour(cell, scene, { place }) {
    const fires = scene.flow.activation[place] > 0;
    cell.style.background = fires ? shade(scene.parts.filters[place], largest(scene.parts.filters)) : "";
    return fires;
  }

  said(scene, { name, place }) {
    const adds = scene.flow.activation[place] > 0 ? `adds ${signed(scene.parts.filters[place])}` : "no match here";
    return `${name}, ${this.picture.named(name)}: ${adds}`;
  }

  staged(scene, filter) {
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
    const name = this.titled(filter, scene.parts.filters[filter.place]);
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
