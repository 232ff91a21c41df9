// Where both kinds of filters meet, and who is watching.
import { element, heading, repaint, signed } from "./dom.js";
import { total } from "./engine.js";
import { colours } from "./strip.js";

export class Join {
  constructor(picture) {
    this.picture = picture;
    const { model } = picture;
    this.units = element("canvas", { class: "units", "aria-hidden": "true" });
    this.read = element("span", { class: "adds" });
    this.who = element("span", { class: "adds" });
    this.constant = element("p", { class: "name" }); // so that what goes in adds up to what comes out
    this.root = element("section", { class: "join" });
    if (model.features)
      this.root.append(element("div", { class: "panel hidden-layer", ...picture.pointing({ part: "z" }) }, element("h3", {}, heading("", `${model.d} hidden numbers`), this.read), this.units, this.constant));
    if (model.server)
      this.root.append(element("div", { class: "panel hidden-layer" }, element("h3", {}, model.label, this.read), element("p", {}, model.summary)));
    if (model.weights.users)
      this.root.append(element("div", { class: "panel who", "data-part": "p", onclick: () => picture.open("p"), ...picture.pointing({ part: "p" }) },
        element("h3", {}, heading("Who", ` is ${model.words.watching}`), this.who), element("p", { class: "name" }, picture.data.who)));
  }

  draw(scene) {
    const { parts } = scene;
    this.read.textContent = signed(total(this.picture.model.server ? parts.films : parts.units));
    this.who.textContent = signed(parts.user);
    this.constant.replaceChildren("constant", element("span", { class: "adds" }, signed(parts.network)));
    this.root.querySelector(".who")?.classList.toggle("turned", this.picture.state.knobs.factor("p") !== 1 || this.picture.state.knobs.who !== 0.5);
    if (this.picture.model.features) repaint(this.units, colours(square(parts.units)));
  }
}

// As a block of rows, wider than high.
function square(values) {
  const width = Math.ceil(Math.sqrt(values.length * 2));
  const rows = [];
  for (let at = 0; at < values.length; at += width) rows.push(values.slice(at, at + width));
  while (rows.length > 1 && rows.at(-1).length < width) rows.at(-1).push(0);
  return rows;
}
