// The knob of whatever is open: a part, or one filter. A ghost marks where it was trained.
import { button, element } from "./dom.js";
import { LEAST, MOST } from "./knobs.js";
import { partName } from "./list.js";

export class Turner {
  constructor(picture) {
    this.picture = picture;
    const { words } = picture.model;
    this.name = element("span", { class: "name" });
    this.knob = element("input", {
      type: "range", min: LEAST, max: MOST, step: 0.05, list: null,
      oninput: () => picture.try({ knobs: this.turned() }),
      onchange: () => picture.settle(this.before, { knobs: this.turned() }),
      onkeydown: (event) => event.stopPropagation(),
      onpointerdown: () => (this.before = picture.state),
      onfocus: () => (this.before = picture.state),
    });
    this.value = element("output", {});
    this.off = button("Off", () => picture.turn(this.part, picture.state.knobs.factor(this.part) === 0 ? 1 : 0), { class: "off" });
    this.weigh = element("input", {
      type: "range", min: 0, max: 1, step: 0.05, "aria-label": `Who is ${words.watching} against what was ${words.watched}`,
      oninput: () => picture.try({ knobs: picture.state.knobs.with("who", Number(this.weigh.value)) }),
      onchange: () => picture.settle(this.before, { knobs: picture.state.knobs.with("who", Number(this.weigh.value)) }),
      onkeydown: (event) => event.stopPropagation(),
      onpointerdown: () => (this.before = picture.state),
      onfocus: () => (this.before = picture.state),
    });
    this.whoWhat = element("label", { class: "who-what", hidden: true }, "what", this.weigh, "who");
    this.root = element("div", { class: "turner" }, this.name, element("span", { class: "knob" }, this.knob, element("i", { class: "ghost" })), this.value, this.off, this.whoWhat);
  }

  // What the knob turns: what is open, else what is turned, else the part that adds most.
  get part() {
    const turned = Object.keys(this.picture.state.knobs.values).find((name) => name !== "who" && !name.includes("@"));
    return this.picture.state.opened ?? turned ?? this.usual;
  }

  turned() {
    return this.picture.state.knobs.with(this.part, Number(this.knob.value));
  }

  draw() {
    const { model, state, usual } = this.picture;
    const { parts } = usual;
    const sizes = [["v", parts.vertical, model.n_v], ["h", parts.horizontal, model.n_h], ["p", parts.user, model.weights.users]].filter(([, , has]) => has);
    this.usual = sizes.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]))[0]?.[0];
    const factor = state.knobs.factor(this.part);
    this.name.textContent = `Turn ${partName(model, this.part)}`;
    this.knob.value = factor;
    this.knob.setAttribute("aria-label", `${this.name.textContent}; 1 is as trained`);
    this.value.textContent = `× ${Number(factor.toFixed(2))}`;
    this.off.textContent = factor === 0 ? "On" : "Off";
    this.whoWhat.hidden = this.part !== "p" || !model.features;
    this.weigh.value = state.knobs.who;
  }
}
