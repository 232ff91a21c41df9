// Vertical filters: one weight per place, to be dragged; all of them in a strip.
import { element, plain, roving, signed } from "./dom.js";
import { verticalWeights } from "./engine.js";
import { Knobs } from "./knobs.js";
import { Panel } from "./panel.js";
import { bars, largest } from "./strip.js";

const A_KEY = 0.05; // of a weight

export class Blends extends Panel {
  constructor(picture) {
    super(picture, { part: "v", kind: "vertical", name: "Blends", filters: picture.model.blends });
  }

  colour(cell, scene, blend) {
    const weights = verticalWeights(this.picture.model, this.picture.state.knobs, blend);
    if (String(cell.weights) !== String(weights)) cell.replaceChildren(bars(weights));
    cell.weights = weights;
    cell.firstChild.classList.toggle("below", scene.parts.blends[blend.index] < 0);
    return true;
  }

  said(scene, { name, index }) {
    return `${name}: adds ${signed(scene.parts.blends[index])}`;
  }

  staged(scene, blend) {
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
    return [this.titled(blend, scene.parts.blends[blend.index]), sliders];
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
