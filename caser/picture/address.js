// The state as the address says it: films by their own ids, knobs, the film looked at, the filter opened.
import { EMPTY } from "./engine.js";
import { same } from "./edits.js";
import { Knobs } from "./knobs.js";

const GAP = "-";

export function write(model, base, state) {
  const edited = !same(state.films, base.films);
  return {
    edits: edited ? state.films.map((film) => (film === EMPTY ? GAP : model.ids[film])).join(",") : null,
    turn: state.knobs.text || null,
    film: state.item === null ? null : String(model.ids[state.item]),
    filter: state.opened,
  };
}

export function read(model, base, params) {
  const item = model.ids.indexOf(Number(params.film));
  return {
    films: films(model, base, params.edits),
    knobs: Knobs.parse(params.turn),
    item: params.film && item >= 0 ? item : null,
    opened: model.names.has(params.filter) ? params.filter : null,
  };
}

function films(model, base, text) {
  if (!text) return base.films;
  const read = text.split(",").map((id) => (id === GAP ? EMPTY : model.ids.indexOf(Number(id))));
  const known = text.split(",").every((id, at) => id === GAP || read[at] >= 0);
  return known && read.length === base.films.length ? read : base.films;
}

// ---- the browser's address, one entry of its history for each change

const PARAMETERS = ["edits", "turn", "film", "filter"];

export class Address {
  // Within a page of the app the parameters stand in the query, in a file of one's own behind the #.
  constructor(hash, hidden = []) {
    this.hash = hash;
    this.hidden = hidden; // parameters that must not be in the address: films of a private history
    this.pushed = 0;
  }

  get params() {
    const { hash, search } = window.location;
    return new URLSearchParams(this.hash ? hash.slice(1) : search);
  }

  read() {
    const params = this.params;
    return Object.fromEntries(PARAMETERS.map((name) => [name, params.get(name)]));
  }

  push(values) {
    const params = this.params;
    for (const name of PARAMETERS) {
      if (values[name] === null || values[name] === undefined || this.hidden.includes(name)) params.delete(name);
      else params.set(name, values[name]);
    }
    const text = params.toString();
    if (text === this.params.toString()) return;
    const { pathname, search } = window.location;
    const to = this.hash ? `${pathname}${search}#${text}` : `${pathname}${text ? `?${text}` : ""}`;
    window.history.pushState({}, "", to);
    this.pushed += 1;
  }
}
