// The films watched, oldest first: drag them, drop one, add one.
import { element, heading, redraw, refocus, roving, signed } from "./dom.js";
import { added, closed, dropped, moved, same, swapped } from "./edits.js";
import { EMPTY } from "./engine.js";
import { colours, strip } from "./strip.js";
import { Titles } from "./titles.js";

export class Films {
  constructor(picture) {
    this.picture = picture;
    this.rows = new Map();
    const { words } = picture.model;
    this.list = element("ol", { role: "listbox", "aria-label": `${words.films} ${words.watched}, oldest first; Delete drops one, Shift with an arrow moves it` });
    this.frame = element("div", { class: "frame", hidden: true });
    this.root = element("section", { class: "films" }, element("h3", {}, heading(`${capital(words.watched)}, oldest first`, picture.fixed ? "" : ": drag to reorder")),
      element("div", { class: "places" }, this.list, this.frame), picture.fixed ? null : this.search());
    roving(this.list, (place) => picture.point({ film: place }), {
      Delete: (place) => this.change(dropped(this.films, place)),
      Backspace: (place) => this.change(dropped(this.films, place)),
      ArrowUp: (place, event) => (event.shiftKey || event.altKey) && this.move(place, place - 1),
      ArrowDown: (place, event) => (event.shiftKey || event.altKey) && this.move(place, place + 1),
    });
    this.list.onpointerdown = (event) => this.grab(event);
  }

  get films() {
    return this.picture.state.films;
  }

  change(films) {
    if (!this.picture.fixed) this.picture.change({ films: this.picture.small ? closed(films) : films });
    return true;
  }

  move(from, to) {
    if (to < 0 || to >= this.films.length) return true;
    this.list.children[to]?.focus({ preventScroll: true }); // before the change, which would cost one more layout
    return this.change(swapped(this.films, from, to));
  }

  draw(scene) {
    const { films } = this;
    if (!this.drawn || !same(this.drawn, films)) refocus(this.list, () => redraw(this.list, films.map((film, place) => this.place(film, place))));
    this.drawn = films;
    [...this.list.children].forEach((row, place) => {
      const adds = row.querySelector(".adds");
      if (!adds) return;
      adds.textContent = signed(scene.parts.films[place]);
      row.className = scene.parts.films[place] < 0 ? "place below" : "place";
    });
  }

  // What is read out; set once the hand rests.
  label(scene) {
    const { titles, words } = this.picture.model;
    this.films.forEach((film, place) => this.list.children[place].setAttribute("aria-label",
      film === EMPTY ? `${place + 1}: no ${words.film}` : `${place + 1}: ${titles[film]}, adds ${signed(scene.parts.films[place])}`));
  }

  place(film, place) {
    const { picture } = this;
    const { model } = picture;
    const title = film === EMPTY ? `no ${model.words.film}` : model.titles[film];
    const made = element("li", {
      role: "option", tabindex: -1, "aria-selected": "false", class: film === EMPTY ? "place empty" : "place", "data-place": place, ...picture.pointing({ film: place }),
    }, element("span", { class: "title", title }, picture.titled(title)));
    if (film === EMPTY) return made;
    made.append(element("span", { class: "adds" }));
    if (!picture.fixed) made.append(element("span", { class: "drop", title: `Drop ${title}`, "data-drop": place, "aria-hidden": "true" }, "×"));
    if (model.features && model.weights.items) made.append(strip(this.row(film), "row"));
    return made;
  }

  // A film's numbers as colours.
  row(film) {
    const { d, weights } = this.picture.model;
    if (!this.rows.has(film)) this.rows.set(film, colours([[...weights.items.subarray(film * d, (film + 1) * d)]]));
    return this.rows.get(film);
  }

  // ---- dragging: while a film is held the list follows at once

  grab(event) {
    const held = event.target.closest("[data-place]");
    if (!held || this.picture.fixed) return;
    if (event.target.dataset.drop !== undefined) {
      event.preventDefault();
      this.change(dropped(this.films, Number(event.target.dataset.drop)));
      return;
    }
    event.preventDefault(); // of selecting text
    held.focus({ preventScroll: true });
    const from = Number(held.dataset.place);
    const before = this.films;
    let at = from;
    const over = (moving) => {
      const rows = [...this.list.children].map((row) => row.getBoundingClientRect());
      const place = rows.findIndex((row) => moving.clientY < row.bottom);
      const to = place < 0 ? rows.length - 1 : place;
      if (to === at) return;
      at = to;
      this.picture.try({ films: moved(before, from, to) });
      this.list.children[to]?.classList.add("held");
    };
    const release = () => {
      window.removeEventListener("pointermove", over);
      const films = this.films;
      this.picture.try({ films: before });
      if (at !== from) this.change(films);
    };
    window.addEventListener("pointermove", over);
    window.addEventListener("pointerup", release, { once: true });
  }

  // Where the pattern lies now: over `height` films from place `first`.
  cover(first, height) {
    const rows = [...this.list.children];
    this.frame.hidden = first === null || !rows.length;
    if (this.frame.hidden) return;
    const [top, bottom] = [rows[first], rows[first + height - 1]];
    this.frame.style.top = `${top.offsetTop}px`;
    this.frame.style.height = `${bottom.offsetTop + bottom.offsetHeight - top.offsetTop}px`;
  }

  // ---- add a film

  search() {
    const { picture } = this;
    const { words } = picture.model;
    this.offers = element("ul", { class: "offers", role: "listbox", id: `${picture.id}-offers`, "aria-label": "Titles", hidden: true });
    this.input = element("input", {
      type: "search", placeholder: `Add a ${words.film}`, role: "combobox", autocomplete: "off", "aria-expanded": "false",
      "aria-controls": `${picture.id}-offers`, "aria-label": `Add a ${words.film} by title`,
      oninput: () => this.offer(), onkeydown: (event) => this.key(event),
      onblur: () => setTimeout(() => this.close(), 150),
    });
    return element("div", { class: "search" }, this.input, this.offers);
  }

  offer() {
    this.titles ??= new Titles(this.picture.model);
    this.found = this.titles.find(this.input.value);
    this.at = 0;
    const none = element("li", { class: "none" }, `No title holds “${this.input.value.slice(0, 30)}”. Try one word of it.`);
    const offers = this.found.map((film, at) => element("li", {
      role: "option", "aria-selected": String(at === this.at), onpointerdown: (event) => { event.preventDefault(); this.add(film); },
    }, this.picture.model.titles[film]));
    this.offers.replaceChildren(...(offers.length ? offers : [none]));
    this.offers.hidden = !this.input.value.trim();
    this.input.setAttribute("aria-expanded", String(!this.offers.hidden));
  }

  key(event) {
    event.stopPropagation();
    if (event.key === "Escape") this.close();
    if (event.key === "Enter" && this.found?.length && !this.offers.hidden) this.add(this.found[this.at]);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !this.found?.length) return;
    event.preventDefault();
    this.at = (this.at + step + this.found.length) % this.found.length;
    [...this.offers.children].forEach((offer, at) => offer.setAttribute("aria-selected", String(at === this.at)));
  }

  add(film) {
    this.input.value = "";
    this.close();
    this.change(added(this.films, film));
  }

  close() {
    this.offers.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
  }
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
