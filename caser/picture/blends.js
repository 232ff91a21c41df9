// Vertical filters: one weight per place, to be dragged; all of them in a strip.
import { dress, element, heading, plain, redraw, roving, signed } from "./dom.js";
import { verticalWeights } from "./engine.js";
import { Knobs } from "./knobs.js";
import { bars, largest } from "./strip.js";

const A_KEY = 0.05; // of a weight

export class Blends {
  constructor(picture) {
    this.picture = picture;
    this.adds = element("span", { class: "adds" });
    this.stage = element("div", { class: "stage" });
    this.all = element("div", { class: "all", role: "listbox", "aria-label": "All vertical filters, by what they add" });
    this.root = element("section", { class: "panel vertical", "data-part": "v", ...picture.pointing({ part: "v" }) },
      element("h3", { onclick: () => picture.open("v") }, heading("Blends", " (vertical filters)"), this.adds), this.stage, picture.small ? null : this.all);
    roving(this.all, (at) => picture.open(picture.model.blends[at].name));
  }

  draw(scene, blend) {
    const { picture } = this;
    const { model, state } = picture;
    this.adds.textContent = signed(scene.parts.vertical);
    this.root.classList.toggle("turned", state.knobs.factor("v") !== 1);
    redraw(this.stage, this.blend(scene, blend));
    if (picture.small) return;
    this.cells ??= model.blends.map((one) => this.cell(one));
    if (!this.all.firstChild) this.all.append(...this.cells);
    model.blends.forEach((one, at) => {
      const weights = verticalWeights(model, state.knobs, one);
      const cell = this.cells[at];
      if (String(cell.weights) !== String(weights)) cell.replaceChildren(bars(weights));
      cell.weights = weights;
      cell.firstChild.classList.toggle("below", scene.parts.blends[one.index] < 0);
      dress(cell, `cell${state.knobs.factor(one.name) === 1 ? "" : " turned"}`, one === blend);
    });
  }

  cell(one) {
    const { picture } = this;
    return element("span", { role: "option", tabindex: one.index ? -1 : 0, "data-filter": one.name, title: one.name, onclick: () => picture.open(one.name), ...picture.pointing({ filter: one.name }) });
  }

  // What is read out; set once the hand rests.
  label(scene) {
    this.cells?.forEach((cell, at) => cell.setAttribute("aria-label", `${this.picture.model.blends[at].name}: adds ${signed(scene.parts.blends[at])}`));
  }

  blend(scene, blend) {
    const { picture } = this;
    const { model, state } = picture;
    const weights = verticalWeights(model, state.knobs, blend);
    const scale = Math.max(largest(weights), largest(verticalWeights(model, new Knobs(), blend)), 1e-9);
    const sliders = element("div", { class: "sliders", role: "listbox", "aria-label": `Weights of ${blend.name}; plus and minus change one` }, ...weights.map((weight, place) => {
      const height = (50 * Math.abs(weight)) / scale;
      return element("span", {
        role: "option", tabindex: place ? -1 : 0, "aria-selected": "false", class: "weight", "data-place": place,
        "aria-label": `place ${place + 1}: weight ${plain(weight)}`, ...picture.pointing({ filter: blend.name, place }),
      }, element("span", { class: `bar${weight < 0 ? " below" : ""}`, style: `--size:${height}%;--from:${weight < 0 ? 50 : 50 - height}%` }));
    }));
    const turn = (place, by) => picture.turn(`${blend.name}@${place + 1}`, weights[place] + by);
    if (!picture.small) {
      roving(sliders, () => {}, { "+": (place) => turn(place, A_KEY) ?? true, "=": (place) => turn(place, A_KEY) ?? true, "-": (place) => turn(place, -A_KEY) ?? true });
      sliders.onpointerdown = (event) => this.drag(event, blend, scale, sliders);
    }
    const name = element("p", { class: "name" }, element("b", {}, blend.name), ` ${picture.named(blend.name)}`, element("span", { class: "adds" }, signed(scene.parts.blends[blend.index])));
    return [name, sliders];
  }

  drag(event, blend, scale, sliders) {
    const held = event.target.closest("[data-place]");
    if (!held) return;
    event.preventDefault();
    const name = `${blend.name}@${Number(held.dataset.place) + 1}`;
    const box = held.getBoundingClientRect();
    const before = this.picture.state.knobs;
    const value = (moving) => Math.max(-2, Math.min(2, 1 - (2 * (moving.clientY - box.top)) / box.height)) * scale;
    let after = before;
    const over = (moving) => this.picture.try({ knobs: (after = before.with(name, value(moving))) });
    const release = () => {
      window.removeEventListener("pointermove", over);
      this.picture.try({ knobs: before });
      if (after !== before) this.picture.change({ knobs: after, opened: blend.name });
      else this.picture.open(blend.name);
    };
    window.addEventListener("pointermove", over);
    window.addEventListener("pointerup", release, { once: true });
  }
}
