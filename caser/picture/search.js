// What would put a film on top: every single change, the first that does it of each kind, in the order of
// caser/explain/smallest.py.
import { EMPTY, best, forward, scoreOf } from "./engine.js";
import { added, dropped, replaced, swapped } from "./edits.js";
import { LEAST, MOST } from "./knobs.js";
import { leftOut } from "./scene.js";
import { Tries } from "./tries.js";

const A_STEP = 0.05; // of a knob
const RIVALS = 50;
const AT_ONCE = 12; // milliseconds, then the page may draw

// Yields to the page while it searches; `alive` says whether the answer is still wanted.
export async function onTop(model, base, state, item, alive) {
  const results = [];
  const first = isFirst(model, base, state, item);
  if (first({ state })) return results;
  let since = performance.now();
  for (const tries of [drops, swaps, turns, additions, replacements]) {
    for (const change of tries(model, base, state, first.offered)) {
      if (performance.now() - since > AT_ONCE) {
        await new Promise((go) => setTimeout(go));
        since = performance.now();
        if (!alive()) return results;
      }
      if (!first(change)) continue;
      results.push(change);
      break;
    }
  }
  return results;
}

// Whether a changed state ranks the item first, with the films that may be added, the most watched first. Most states
// are refused by a few strong rivals alone. Where a list leaves out what was watched, a film above the item is not
// added: that would only take it off the list.
function isFirst(model, base, state, item) {
  const whole = { films: state.films, user: base.user, knobs: state.knobs };
  const tries = new Tries(model, whole);
  const { scores } = forward(model, whole);
  const now = leftOut(base, state.films);
  const rivals = best(scores, now.with(item), RIVALS);
  const first = (change) => {
    const query = tries.query({ ...change, films: change.state.films });
    const out = change.state.films ? leftOut(base, change.state.films) : now;
    const own = scoreOf(model, query, item);
    const beats = (other) => other !== item && !out.has(other) && scoreOf(model, query, other) >= own;
    if (rivals.some(beats)) return false;
    for (let other = 0; other < model.n_items; other++) if (beats(other)) return false;
    return true;
  };
  const above = (film) => now.size > 0 && !now.has(film) && scores[film] > scores[item];
  first.offered = model.watched.map((_, film) => film)
    .filter((film) => film !== item && !state.films.includes(film) && !above(film))
    .sort((a, b) => model.watched[b] - model.watched[a]);
  return first;
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
    return { name, value, far: Number(Math.abs(value - knobs.factor(name)).toFixed(3)) };
  }));
  tries.sort((a, b) => a.far - b.far);
  for (const { name, value, far } of tries)
    if (far) yield { kind: "turn", name, value, state: { knobs: knobs.with(name, value) } };
}

// Another film as the latest.
function* additions(model, base, { films }, offered) {
  for (const film of offered) yield { kind: "add", film, state: { films: added(films, film) } };
}

// Another film in a place that holds one.
function* replacements(model, base, { films }, offered) {
  for (const film of offered)
    for (let place = films.length - 1; place >= 0; place--)
      if (films[place] !== EMPTY)
        yield { kind: "replace", place, film, was: films[place], state: { films: replaced(films, place, film) } };
}
