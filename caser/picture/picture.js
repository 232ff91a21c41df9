// The living picture: films at the left, what filters make of them in the middle, the list at the right.
import { read, write } from "./address.js";
import { Arrows } from "./arrows.js";
import { Blends } from "./blends.js";
import { Card } from "./card.js";
import { button, element, redraw, signed } from "./dom.js";
import { same } from "./edits.js";
import { contributions } from "./engine.js";
import { Drawing } from "./drawing.js";
import { Films } from "./films.js";
import { Join } from "./join.js";
import { List } from "./list.js";
import { SECONDS, spotlight, stops } from "./motion.js";
import { Patterns } from "./patterns.js";
import { asTrained, look } from "./scene.js";
import { onTop } from "./search.js";
import { Turner } from "./turner.js";

const SLOWER = 2;
const RESTS = 120, SETTLES = 350; // milliseconds after which a hand rests, and has settled
const text = JSON.stringify;
let made = 0;

export class Picture {
  // data: {base: {films, user, leftOut}, who, target, names, small}; host: {address, settled}
  constructor(root, model, data, host = {}) {
    Object.assign(this, { root, model, host, id: `picture-${++made}` });
    model.names = new Set([...model.filters, ...model.blends].map(({ name }) => name));
    root.picture = this; // so that a notebook, a test or the console can get hold of it
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.playing = !this.still;
    this.pace = 1;
    this.stop = 0;
    this.past = [];
    this.take(data);
    this.build();
    this.draw();
    this.move();
    this.observer = new ResizeObserver(() => this.arrows.place());
    this.observer.observe(this.board);
    this.onpop = () => this.address?.hidden.length === 0 && this.adopt(read(this.model, this.base, this.address.read()));
    window.addEventListener("popstate", this.onpop);
    this.onaway = (event) => this.root.contains(event.target) || this.tellUnsaid();
    window.addEventListener("pointerdown", this.onaway, true); // before a click elsewhere asks the server for anything
  }

  remove() {
    clearTimeout(this.timer);
    clearTimeout(this.resting);
    clearTimeout(this.pointed);
    this.observer.disconnect();
    window.removeEventListener("popstate", this.onpop);
    window.removeEventListener("pointerdown", this.onaway, true);
  }

  // Another history, or another film to look at, from outside.
  take(data) {
    Object.assign(this, { data, base: data.base, small: Boolean(data.small), address: data.small ? null : (this.host.address ?? null) });
    this.state = read(this.model, this.base, this.address?.said ? this.address.read() : data.state);
    this.past = [];
    this.sent = [];
    this.usual = this.look(asTrained(this.base));
  }

  // What the page says after each of its runs. What the visitor has changed since stays.
  update(data) {
    const before = this.data;
    if (text(data) === text(before)) return;
    if (text(data.base) !== text(before.base)) this.take(data);
    this.data = data;
    const known = [text(before.state), text(this.values), ...this.sent];
    if (!known.includes(text(data.state))) this.state = read(this.model, this.base, data.state);
    this.draw();
  }

  get values() {
    return write(this.model, this.base, this.state);
  }

  look(state, usual = null) {
    return this.model.server ? { ...this.data.scene, ranks: () => null } : look(this.model, this.base, state, usual);
  }

  named(filter) {
    const name = this.data.names?.[filter];
    return name ? `“${name}”` : "";
  }

  // ---- the blocks

  build() {
    const { model } = this;
    this.fixed = Boolean(model.server); // nothing to take hold of
    this.say = element("p", { class: "say" });
    this.dots = element("span", { class: "dots", "aria-hidden": "true" });
    this.play = button("", () => this.toggle(), { class: "play" });
    this.slow = this.small ? null : button("Slower", () => this.slower(), { class: "slower", "aria-pressed": "false" });
    this.changed = element("p", { class: "changed", "aria-live": "polite" }); // beside what moved
    this.films = new Films(this);
    this.patterns = model.n_h ? new Patterns(this) : null;
    this.blends = model.n_v ? new Blends(this) : null;
    this.join = new Join(this);
    this.list = new List(this);
    this.arrows = new Arrows(this);
    this.card = new Card(this);
    this.turner = this.small || !model.width ? null : new Turner(this);
    const panels = [this.patterns, this.blends].filter(Boolean).map(({ root }) => root);
    const middle = panels.length ? [element("div", { class: "filters" }, ...panels)] : [];
    this.board = element("div", { class: panels.length ? "board" : "board bare" }, this.arrows.root, this.films.root, ...middle, this.join.root, this.list.root);
    this.undo = button("Undo", () => this.back(), { class: "undo" });
    this.reset = button("Reset", () => this.change({ ...asTrained(this.base), item: this.state.item }), { class: "reset" });
    this.alternative = element("p", { class: "alternative", id: `${this.id}-says`, hidden: true });
    this.root.classList.add("living-picture");
    this.root.classList.toggle("small", this.small);
    this.root.classList.toggle("served", Boolean(model.server));
    Object.entries({ role: "group", tabindex: 0, "aria-label": "The living picture; arrow keys step, space pauses", "aria-describedby": this.alternative.id })
      .forEach(([name, value]) => this.root.setAttribute(name, value));
    this.root.replaceChildren(
      element("div", { class: "bar" }, this.play, this.slow, this.say, this.dots), this.board,
      element("div", { class: "foot" }, this.turner?.root, this.small ? null : this.undo, this.small ? null : this.reset, this.small || !this.host.page ? null : new Drawing(this).root),
      this.card.root, this.alternative);
    this.root.onkeydown = (event) => this.key(event);
  }

  // A title without its year; all of it stands in what is pointed at.
  titled(title) {
    return title.replace(/ \(\d{4}\)$/, "");
  }

  block(key) {
    const [kind, at] = key.split("-");
    if (kind === "film") return this.films.list.children[at];
    if (kind === "item") return this.list.root.querySelector(`[data-item="${at}"]`);
    return { h: this.patterns?.root, v: this.blends?.root, z: this.join.root.querySelector(".hidden-layer"), p: this.join.root.querySelector(".who") }[kind];
  }

  draw() {
    this.card.hide(); // what it says was of before
    this.scene = this.look(this.state, this.isChanged ? this.usual : null);
    const shown = this.shown;
    this.films.draw(this.scene);
    this.patterns?.draw(this.scene, shown.filter);
    this.blends?.draw(this.scene, shown.blend);
    this.join.draw(this.scene);
    this.list.draw(this.scene);
    this.turner?.draw();
    this.undo.hidden = !this.past.length;
    this.reset.hidden = !this.isChanged;
    this.light();
    this.arrows.draw(this.scene); // the one place that asks where blocks stand
    this.arrows.light(this.lit);
    this.cover();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.tell(), RESTS);
  }

  // The filters on stage: what is open, else what adds most.
  get shown() {
    const usual = spotlight(this.model, this.scene.parts);
    const find = (all) => all.find(({ name }) => name === this.state.opened);
    return { filter: find(this.model.filters) ?? usual.filter, blend: find(this.model.blends) ?? usual.blend, count: this.state.films.filter((film) => film >= 0).length };
  }

  get isChanged() {
    return this.state.knobs.changed || !same(this.state.films, this.base.films);
  }

  // ---- what changed, for all eyes and ears, once the hand rests

  tell() {
    const { model, scene, usual } = this;
    this.films.label(scene);
    this.patterns?.label(scene);
    this.blends?.label(scene);
    const moved = this.isChanged ? scene.list.filter(({ rank, was }) => rank !== was).length : 0;
    const out = this.isChanged ? usual.list.filter(({ item }) => !scene.list.some((row) => row.item === item)).map(({ item }) => model.titles[item]) : [];
    const left = out.length ? `; no longer listed: ${out.slice(0, 2).join(", ")}${out.length > 2 ? ` and ${out.length - 2} more` : ""}` : "";
    this.changed.textContent = this.isChanged ? `${moved} of ${scene.list.length} moved${left}.` : "";
    const first = scene.list[0] ? model.titles[scene.list[0].item] : "nothing";
    const { parts } = scene;
    const films = this.state.films.flatMap((film, place) => (film < 0 ? [] : [`${model.titles[film]} ${signed(parts.films[place])}`]));
    this.alternative.textContent = `Looked at: ${model.titles[scene.item]}, rank ${scene.rank}, score ${signed(scene.score)}. Films add: ${films.join("; ") || "nothing"}. ` +
      `Blends add ${signed(parts.vertical)}, patterns ${signed(parts.horizontal)}, who is ${model.words.watching} ${signed(parts.user)}. First of the list: ${first}.`;
  }

  // ---- changes

  // Drawn at once, not yet said to the address: while a hand still moves.
  try(changes) {
    this.state = { ...this.state, ...changes };
    this.draw();
  }

  change(changes) {
    this.settle(this.state, changes);
  }

  settle(before, changes) {
    this.past.push(before);
    this.state = { ...before, ...changes };
    this.draw();
    this.tellHost();
  }

  // The address, and once the hand rests the page around the picture: its server draws what else has changed.
  tellHost() {
    const { values } = this;
    this.sent.push(text(values));
    this.address?.push(values);
    clearTimeout(this.settling);
    this.unsaid = values;
    this.settling = setTimeout(() => this.tellUnsaid(), SETTLES);
  }

  tellUnsaid() {
    clearTimeout(this.settling);
    if (this.unsaid) this.host.settled?.(this.unsaid);
    this.unsaid = null;
  }

  turn(name, value) {
    this.change({ knobs: this.state.knobs.with(name, value), opened: this.model.names.has(name.split("@")[0]) || "hvp".includes(name) ? name.split("@")[0] : this.state.opened });
  }

  adopt(state) {
    this.state = state;
    this.draw();
  }

  back() {
    const before = this.past.pop();
    if (!before) return;
    this.adopt(before);
    this.tellHost();
  }

  open(name) {
    const opened = this.state.opened === name ? null : name;
    this.stop = Math.max(this.stops.findIndex(({ part }) => part === (this.model.blends.some((one) => one.name === name) || name === "v" ? "vertical" : "slide")), 0);
    this.change({ opened });
  }

  lookAt(item) {
    this.change({ item });
  }

  async search() {
    const { state } = this;
    const alive = () => this.state === state;
    this.list.say([], false);
    await new Promise((go) => setTimeout(go, 20));
    const changes = await onTop(this.model, this.base, state, this.scene.item, alive);
    if (alive()) this.list.say(changes, true);
  }

  // ---- pointing: links light up, the arithmetic stands beside

  pointing(target) {
    const on = (event) => {
      event.stopPropagation();
      const { currentTarget } = event;
      this.soon(() => this.point(target, currentTarget), event.type === "focus");
    };
    const off = (event) => this.soon(() => this.unpoint(), event.type === "blur");
    return { onpointerenter: on, onfocus: on, onpointerleave: off, onblur: off };
  }

  // The keyboard moves on while it changes things, which is drawn first.
  soon(act, later) {
    clearTimeout(this.pointed);
    if (later) this.pointed = setTimeout(act, RESTS);
    else act();
  }

  point(target, at = null) {
    const key = target.film !== undefined ? `film-${target.film}` : target.item !== undefined ? `item-${target.item}` : target.filter ? (this.model.blends.some(({ name }) => name === target.filter) ? "v" : "h") : target.part;
    this.arrows.light(key ? [key] : null);
    this.lightFilms(target);
    if (at?.isConnected) this.card.show(target, at);
  }

  // The films that a filter reads here, and the filters that a film reaches.
  lightFilms(target) {
    const { parts } = this.scene;
    const filter = this.model.filters.find(({ name }) => name === target.filter);
    if (filter) this.films.cover(target.window ?? this.scene.flow.kept[filter.place], filter.height);
    const shares = target.film === undefined ? null : (one) => Math.abs(one[target.film]);
    const mark = (panel, all) => panel && [...panel.all.children].forEach((cell, at) => cell.classList.toggle("faint", shares !== null && shares(all[at]) < 0.01));
    mark(this.patterns, parts.byFilter);
    mark(this.blends, parts.byBlend);
  }

  unpoint() {
    this.card.hide();
    this.lightFilms({});
    this.arrows.light(this.lit);
    this.cover();
  }

  partsOf(item) {
    return item === this.scene.item ? this.scene.parts : contributions(this.model, this.scene.flow, item);
  }

  // ---- motion

  get stops() {
    return stops(this.model, this.scene, this.shown);
  }

  light() {
    const all = this.stops;
    this.stop = Math.min(this.stop, all.length - 1);
    const { part, say } = all[this.stop];
    this.root.dataset.stop = part;
    this.say.textContent = say;
    this.play.textContent = this.playing ? "Pause" : "Play";
    redraw(this.dots, all.map((_, at) => element("span", { class: at === this.stop ? "dot on" : "dot", onclick: () => this.go(at) })));
    this.lit = { films: this.state.films.map((_, place) => `film-${place}`), slide: ["h"], kept: ["h"], vertical: ["v"], join: ["z", "p"], list: [`item-${this.scene.item}`] }[part] ?? null;
    this.arrows.light(this.lit);
  }

  // The frame over the films that the pattern on stage lies over.
  cover() {
    const { stop: part } = this.root.dataset;
    const { filter } = this.shown;
    if (part === "slide" && filter) this.slide(filter);
    else this.films.cover(part === "kept" && filter ? this.scene.flow.kept[filter.place] : null, filter?.height);
  }

  // Over one window after the other, within one stop.
  slide(filter, first = 0) {
    const windows = this.model.L - filter.height + 1;
    this.films.cover(first, filter.height);
    this.patterns.stage.querySelectorAll(".window").forEach((window, at) => window.classList.toggle("now", at === first));
    clearTimeout(this.sliding);
    if (first + 1 < windows && !this.still)
      this.sliding = setTimeout(() => this.root.dataset.stop === "slide" && this.slide(filter, first + 1), (1000 * SECONDS * this.pace) / windows);
  }

  move() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.root.isConnected) return this.remove();
      if (this.playing && !document.hidden && !this.root.matches(":hover")) this.go(this.stop + 1, true);
      this.move();
    }, 1000 * SECONDS * this.pace);
  }

  go(stop, byItself = false) {
    const { length } = this.stops;
    this.stop = (stop + length) % length;
    this.say.setAttribute("aria-live", byItself ? "off" : "polite");
    this.light();
    this.cover();
  }

  toggle() {
    this.playing = !this.playing;
    this.light();
  }

  slower() {
    this.pace = this.pace === 1 ? SLOWER : 1;
    this.slow.setAttribute("aria-pressed", String(this.pace !== 1));
  }

  key(event) {
    const act = { ArrowRight: () => this.go(this.stop + 1), ArrowLeft: () => this.go(this.stop - 1), " ": () => this.toggle(), Escape: () => this.state.opened && this.open(this.state.opened) }[event.key];
    if (!act || (event.target.closest("button, input") && event.key !== "Escape")) return;
    event.preventDefault();
    if (event.key !== " ") this.playing = false;
    act();
  }
}

