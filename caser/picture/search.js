// What would put a film on top: every single change, the smallest that does it of each kind.
import { EMPTY, best, forward, reading, scoreOf } from "./engine.js";
import { dropped, replaced, swapped } from "./edits.js";
import { LEAST, MOST } from "./knobs.js";
import { leftOut } from "./scene.js";

const A_STEP = 0.05; // of a knob
const RIVALS = 50;
const AT_ONCE = 12; // milliseconds, then the page may draw

// Yields to the page while it searches; `alive` says whether the answer is still wanted.
export async function onTop(model, base, state, item, alive) {
  const results = [];
  const first = isFirst(model, base, state, item);
  if (first({})) return results;
  let since = performance.now();
  for (const tries of [drops, swaps, turns, additions]) {
    for (const change of tries(model, base, state, item)) {
      if (performance.now() - since > AT_ONCE) {
        await new Promise((go) => setTimeout(go));
        since = performance.now();
        if (!alive()) return results;
      }
      if (!first(change.state)) continue;
      results.push(change);
      break;
    }
  }
  return results;
}

// Whether a changed state ranks the item first. Most are refused by a few strong rivals alone.
function isFirst(model, base, state, item) {
  const whole = (changed) => ({ films: changed.films, user: base.user, knobs: changed.knobs });
  const now = forward(model, whole(state));
  const rivals = best(now.scores, new Set([...leftOut(base, state.films), item]), RIVALS);
  return (change) => {
    const changed = { ...state, ...change };
    const { query } = reading(model, whole(changed));
    const out = leftOut(base, changed.films);
    const own = scoreOf(model, query, item);
    const beats = (other) => other !== item && !out.has(other) && scoreOf(model, query, other) >= own;
    if (rivals.some(beats)) return false;
    for (let other = 0; other < model.n_items; other++) if (beats(other)) return false;
    return true;
  };
}

function* drops(model, base, { films }) {
  for (let place = films.length - 1; place >= 0; place--)
    if (films[place] !== EMPTY) yield { kind: "drop", place, film: films[place], state: { films: dropped(films, place) } };
}

function* swaps(model, base, { films }) {
  for (let apart = 1; apart < films.length; apart++)
    for (let one = films.length - 1 - apart; one >= 0; one--)
      if (films[one] !== films[one + apart])
        yield { kind: "swap", place: one, other: one + apart, state: { films: swapped(films, one, one + apart) } };
}

// Knobs nearest to where they are first.
function* turns(model, base, { knobs }) {
  const names = [
    ...(model.n_v ? ["v"] : []), ...(model.n_h ? ["h"] : []), ...(model.weights.users ? ["p"] : []),
    ...model.blends.map((blend) => blend.name), ...model.filters.map((filter) => filter.name),
  ];
  const steps = Math.round((MOST - LEAST) / A_STEP);
  const tries = names.flatMap((name) => Array.from({ length: steps + 1 }, (_, at) => {
    const value = Number((LEAST + at * A_STEP).toFixed(2));
    return { name, value, far: Math.abs(value - knobs.factor(name)) };
  }));
  tries.sort((a, b) => a.far - b.far);
  for (const { name, value, far } of tries)
    if (far > 1e-9) yield { kind: "turn", name, value, state: { knobs: knobs.with(name, value) } };
}

// Any other film in the latest place, the most watched first.
function* additions(model, base, { films }, item) {
  const order = model.watched.map((_, film) => film).sort((a, b) => model.watched[b] - model.watched[a]);
  const place = films.length - 1;
  for (const film of order)
    if (film !== item && !films.includes(film))
      yield { kind: "replace", place, film, was: films[place], state: { films: replaced(films, place, film) } };
}
