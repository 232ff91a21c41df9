// Other histories than the one there is: the films in their places, changed.
import { EMPTY } from "./engine.js";

export const dropped = (films, place) => films.map((film, at) => (at === place ? EMPTY : film));

export const replaced = (films, place, film) => films.map((other, at) => (at === place ? film : other));

export function swapped(films, one, other) {
  const after = [...films];
  [after[one], after[other]] = [after[other], after[one]];
  return after;
}

export function moved(films, from, to) {
  const after = [...films];
  after.splice(to, 0, ...after.splice(from, 1));
  return after;
}

// As the latest: into the place of an empty one, else the oldest leaves.
export function added(films, film) {
  const gap = Math.max(films.lastIndexOf(EMPTY), 0);
  return [...films.slice(0, gap), ...films.slice(gap + 1), film];
}

// Without gaps: what is watched again from the start.
export const closed = (films) => [...films.filter((film) => film === EMPTY), ...films.filter((film) => film !== EMPTY)];

export const same = (some, others) => some.length === others.length && some.every((film, at) => film === others[at]);
