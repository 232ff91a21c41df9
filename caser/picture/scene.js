// Everything that is drawn for one state, as numbers: from the engine, or from the server where a browser cannot compute.
import { EMPTY, Items, best, chances, contributions, forward, rank } from "./engine.js";
import { Knobs } from "./knobs.js";

export const LISTED = 10;

// A history in its places, with what a list must leave out.
export const leftOut = (base, films) => new Items(base.leftOut.length ? [...base.leftOut, ...films.filter((film) => film !== EMPTY)] : []);

export function look(model, base, state, usual = null) {
  const flow = forward(model, { films: state.films, user: base.user, knobs: state.knobs });
  const places = new Map(); // ranks asked for, which are asked for again at every later change
  const out = leftOut(base, state.films);
  const list = best(flow.scores, out, LISTED);
  const item = state.item ?? list[0] ?? 0;
  const parts = contributions(model, flow, item);
  return {
    flow,
    item,
    parts,
    score: flow.scores[item],
    rank: rank(flow.scores, out, item),
    list: rows(model, flow.scores, out, list, usual),
    looked: list.includes(item) ? null : rows(model, flow.scores, out, [item], usual)[0],
    ranks: (other) => {
      if (!places.has(other)) places.set(other, rank(flow.scores, out, other));
      return places.get(other);
    },
  };
}

function rows(model, scores, out, items, usual) {
  const likely = chances(model, scores, out, items);
  return items.map((item, at) => ({
    item,
    rank: rank(scores, out, item),
    score: scores[item],
    chance: likely ? likely[at] : null,
    was: usual ? usual.ranks(item) : null,
  }));
}

export const asTrained = (base) => ({ films: base.films, knobs: new Knobs(), item: null });

// What is largest in size, as an index; -1 of nothing.
export function strongest(values) {
  return values.reduce((at, value, i) => (at < 0 || Math.abs(value) > Math.abs(values[at]) ? i : at), -1);
}
