// The arithmetic of what is pointed at, beside it.
import { element, plain, signed } from "./dom.js";
import { cells, total, verticalWeights } from "./engine.js";
import { partName } from "./list.js";
import { span } from "./motion.js";

const SHOWN = 10; // products; a filter of few numbers shows all

export class Card {
  constructor(picture) {
    this.picture = picture;
    this.root = element("div", { class: "card", role: "status", hidden: true });
  }

  hide() {
    this.root.hidden = true;
  }

  show(target, at) {
    const lines = this.lines(target);
    if (!lines) return this.hide();
    const [title, ...rest] = lines;
    this.root.replaceChildren(element("b", {}, title), ...rest.map(([name, value]) => element("p", {}, element("span", {}, name), value === undefined ? null : element("span", { class: "adds" }, value))));
    this.root.hidden = false;
    this.put(at.getBoundingClientRect());
  }

  // Beside the part, within the picture, never over it where there is room.
  put(part) {
    const frame = this.picture.root.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const right = part.right + 12 + width <= frame.right;
    const left = right ? part.right + 12 : Math.max(part.left - 12 - width, frame.left + 4);
    const fits = right || part.left - 12 - width >= frame.left;
    const top = fits ? Math.min(part.top, frame.bottom - height - 4) : part.bottom + 8;
    this.root.style.left = `${left - frame.left}px`;
    this.root.style.top = `${Math.max(top, frame.top) - frame.top}px`;
  }

  lines(target) {
    if (!this.picture.scene.flow) return target.item === this.picture.scene.item ? this.item(target.item) : null;
    if (target.window !== undefined) return this.window(this.picture.model.filters.find(({ name }) => name === target.filter), target.window);
    if (target.filter) return this.filter(target.filter);
    if (target.film !== undefined) return this.film(target.film);
    if (target.item !== undefined) return this.item(target.item);
    return target.part ? this.part(target.part) : null;
  }

  film(place) {
    const { model, scene, state } = this.picture;
    const { parts } = scene;
    if (state.films[place] < 0) return null;
    const by = (shares) => total(shares.map((one) => one[place]));
    return [
      `${model.titles[state.films[place]]} adds ${signed(parts.films[place])}`,
      ...(model.n_v ? [["by all blends", signed(by(parts.byBlend))]] : []),
      ...(model.n_h ? [["by all patterns", signed(by(parts.byFilter))]] : []),
    ];
  }

  filter(name) {
    const { model, scene, state } = this.picture;
    const blend = model.blends.find((one) => one.name === name);
    if (!blend) {
      const filter = model.filters.find((one) => one.name === name);
      return this.window(filter, scene.flow.kept[filter.place]);
    }
    const shares = scene.parts.byBlend[blend.index];
    const weights = verticalWeights(model, state.knobs, blend);
    return [`${name} adds ${signed(total(shares))}`, ...shares.map((share, place) => [`${place + 1}: weight ${plain(weights[place])}`, signed(share)])];
  }

  // The products of one window, the largest first.
  window(filter, first) {
    const { model, scene, state } = this.picture;
    const { d, words } = model;
    const values = cells(model, state.knobs, filter);
    const products = Array.from(values, (value, i) => ({ row: Math.floor(i / d), column: i % d, value, film: scene.flow.E[first * d + i], product: value * scene.flow.E[first * d + i] }));
    const most = d <= 16 && products.length <= 3 * 16 ? products.length : SHOWN;
    const sorted = [...products].sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
    const rest = total(sorted.slice(most).map(({ product }) => product));
    const bias = model.weights.horizontal_bias[filter.place];
    const response = scene.flow.responses[filter.place][first];
    return [
      `${filter.name} on ${span(words, first, filter.height)}: ${plain(response)}`,
      ...sorted.slice(0, most).map(({ row, column, value, film, product }) => [`${words.film} ${first + row + 1}, number ${column + 1}: ${plain(film)} × ${plain(value)}`, signed(product)]),
      ...(sorted.length > most ? [[`the other ${sorted.length - most} products`, signed(rest)]] : []),
      ["bias", signed(bias)],
      [first === scene.flow.kept[filter.place] ? (response > 0 ? `kept; adds ${signed(scene.parts.filters[filter.place])} to the score` : "not above zero: hands on nothing") : "not the best match, so not handed on"],
    ];
  }

  item(item) {
    const { model, base, state } = this.picture;
    const parts = this.picture.partsOf(item);
    return [
      `${model.titles[item]}: ${plain(total(parts.films) + parts.user + parts.network + parts.constant)}`,
      ...state.films.flatMap((film, place) => (film < 0 || !parts.films[place] ? [] : [[`${place + 1} ${model.titles[film]}`, signed(parts.films[place])]])),
      ...(parts.user ? [[base.user ? `who is ${model.words.watching}` : "what newcomers have in common", signed(parts.user)]] : []),
      ...(parts.network ? [["the network's constant", signed(parts.network)]] : []),
      [`the ${model.words.film}'s own constant`, signed(parts.constant)],
    ];
  }

  part(part) {
    const { model, scene } = this.picture;
    const { parts } = scene;
    if (part === "z") return [`${model.d} hidden numbers`, [`${scene.flow.hidden.filter((unit) => unit > 0).length} are above zero and count`], ["they add", signed(total(parts.units))]];
    const value = { h: parts.horizontal, v: parts.vertical, p: parts.user }[part];
    if (value === undefined) return null;
    return [`${partName(model, part)} ${part === "p" ? "adds" : "add"} ${signed(value)}`, [`of a score of ${signed(scene.score)}`]];
  }
}
