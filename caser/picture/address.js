// The state as the address says it: films by their own ids, knobs, the film looked at, the filter opened.
import { EMPTY } from "./engine.js";
import { same } from "./edits.js";
import { Knobs } from "./knobs.js";

const GAP = "-";
const MEANS_SOMETHING = /^(?:-|mine)$|^films:/; // as in caser/dashboard/ids.py

// an own id as the address has it
function written(id) {
  const text = String(id).replace(/[%,]/g, encodeURIComponent);
  return MEANS_SOMETHING.test(text) ? `%${text.charCodeAt(0).toString(16).toUpperCase()}${text.slice(1)}` : text;
}

function unwritten(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that stands for itself
  }
}

export function write(model, base, state) {
  const edited = !same(state.films, base.films);
  return {
    edits: edited ? state.films.map((film) => (film === EMPTY ? GAP : written(model.ids[film]))).join(",") : null,
    turn: state.knobs.text || null,
    film: state.item === null ? null : written(model.ids[state.item]),
    filter: model.names.has(state.opened) ? state.opened : null,
  };
}

export function read(model, base, params) {
  const item = params.film === null || params.film === undefined ? undefined : itemOf(model, unwritten(params.film));
  return {
    films: films(model, base, params.edits),
    knobs: Knobs.parse(params.turn, model),
    item: item ?? null,
    opened: model.names.has(params.filter) ? params.filter : null,
  };
}

// undefined for an id that the data set does not have
const itemOf = (model, id) => (model.items ??= new Map(model.ids.map((own, item) => [String(own), item]))).get(id);

function films(model, base, text) {
  if (!text) return base.films;
  const named = text.split(",").map((id) => (id === GAP ? EMPTY : itemOf(model, unwritten(id))));
  return named.includes(undefined) || named.length !== base.films.length ? base.films : named;
}

// ---- the browser's address, one entry of its history for each change

// As the app writes them, so that its own word for the same state is not one more entry of the browser's history.
const SELECTION = ["data", "user", "model", "sequence", "k", "rewatch", "against", "film", "pin"];

function ordered(params) {
  const own = [...params].filter(([name]) => !SELECTION.includes(name));
  const selected = SELECTION.flatMap((name) => (params.has(name) ? [[name, params.get(name)]] : []));
  return new URLSearchParams([...own, ...selected]);
}

const PARAMETERS = ["edits", "turn", "film", "filter"];

export class Address {
  // Within a page of the app the parameters stand in the query, in a file of one's own behind the #.
  constructor(hash, hidden = []) {
    this.hash = hash;
    this.hidden = hidden; // parameters that must not be in the address: films of a private history
  }

  // Whether the address itself says anything; a page of the app has read it already.
  get said() {
    return this.hash && window.location.hash.length > 1;
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
    const before = this.params;
    const params = this.hash ? before : ordered(before);
    for (const name of PARAMETERS) {
      if (values[name] === null || values[name] === undefined || this.hidden.includes(name)) params.delete(name);
      else params.set(name, values[name]);
    }
    const text = (this.hash ? params : ordered(params)).toString();
    if (text === this.params.toString()) return;
    const { pathname, search } = window.location;
    const to = this.hash ? `${pathname}${search}#${text}` : `${pathname}${text ? `?${text}` : ""}`;
    window.history.pushState({}, "", to);
  }
}
