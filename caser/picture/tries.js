// Readings for a search: what thousands of single changes have in common is computed once.
import { EMPTY, cells, query, reading, verticalWeights } from "./engine.js";

const REMEMBERED = 200; // products with films' rows

export class Tries {
  constructor(model, state) {
    Object.assign(this, { model, state, flow: reading(model, state), products: new Map() });
    this.byPlace = state.films.map((_, place) => this.blended(place));
    this.rows = Float64Array.from(model.filters.flatMap((filter) => [...cells(model, state.knobs, filter)]));
    this.fromFilters = Float64Array.from(
      [...this.flow.hidden].flatMap((_, unit) => model.filters.map((filter) => this.weight(unit, filter))));
    this.slopes = this.sloped();
  }

  // What every film is scored with after one change: of the films, or of the knob `name`.
  query({ films, name, value }) {
    const { model, state, flow } = this;
    if (films) return query(model, state, this.reread(films));
    if (!this.slopes[name]) return query(model, { ...state, knobs: state.knobs.with(name, value) }, flow.hidden);
    const by = value - state.knobs.factor(name);
    return query(model, state, flow.hidden.map((unit, i) => unit + by * this.slopes[name][i]));
  }

  // The hidden layer after other films: what the changed places put in by way of the blends, and every filter anew.
  reread(films) {
    const { state, flow } = this;
    const units = flow.hidden.slice();
    films.forEach((film, place) => {
      const before = state.films[place];
      if (film === before) return;
      const [now, then] = [this.product(this.byPlace[place], film, place), this.product(this.byPlace[place], before, place)];
      for (let unit = 0; unit < units.length; unit++) units[unit] += now[unit] - then[unit];
    });
    addProduct(units, this.fromFilters, this.moved(films));
    return units;
  }

  // By how much more each horizontal filter hands on.
  moved(films) {
    const { model, flow } = this;
    const answers = films.map((film) => this.product(this.rows, film, "rows"));
    const more = new Float64Array(model.filters.length);
    let at = 0;
    for (const filter of model.filters) {
      let best = 0;
      for (let first = 0; first <= films.length - filter.height; first++) {
        let sum = model.weights.horizontal_bias[filter.place];
        for (let row = 0; row < filter.height; row++) sum += answers[first + row][at + row];
        best = Math.max(best, sum);
      }
      at += filter.height;
      more[filter.place] = this.strength("h", filter) * (best - flow.activation[filter.place]);
    }
    return more;
  }

  // A matrix times a film's row, remembered for a while; of an empty place zeros.
  product(matrix, film, label) {
    const { d, weights } = this.model;
    const key = `${label} ${film}`;
    if (this.products.has(key)) return this.products.get(key);
    if (this.products.size >= REMEMBERED) this.products.clear();
    const values = new Float64Array(matrix.length / d);
    if (film !== EMPTY) addProduct(values, matrix, Float64Array.from(weights.items.subarray(film * d, (film + 1) * d)));
    this.products.set(key, values);
    return values;
  }

  strength(part, one) {
    return this.state.knobs.factor(part) * this.state.knobs.factor(one.name);
  }

  // From a horizontal filter to a unit of the hidden layer.
  weight(unit, filter) {
    const { blends, d, features, weights } = this.model;
    return weights.hidden[unit * features + blends.length * d + filter.place];
  }

  // From a place's film to the hidden layer by way of all blends, a row of d numbers for each unit.
  blended(place) {
    const { model, state, flow } = this;
    const { d } = model;
    const matrix = new Float64Array(flow.hidden.length * d);
    for (const blend of model.blends) {
      const weight = this.strength("v", blend) * verticalWeights(model, state.knobs, blend)[place];
      for (let unit = 0, at = 0; unit < flow.hidden.length; unit++) {
        const row = unit * model.features + blend.index * d;
        for (let c = 0; c < d; c++, at++) matrix[at] += weight * model.weights.hidden[row + c];
      }
    }
    return matrix;
  }

  // What a unit of each factor adds to the hidden layer, by name.
  sloped() {
    const { model, state, flow } = this;
    const { d } = model;
    const slopes = {};
    const put = (part, one, adds) => {
      const { knobs } = state;
      slopes[one.name] = adds.map((value) => knobs.factor(part) * value);
      slopes[part] = adds.map((value, i) => (slopes[part]?.[i] ?? 0) + knobs.factor(one.name) * value);
    };
    for (const blend of model.blends)
      put("v", blend, flow.hidden.map((_, unit) => {
        const row = unit * model.features + blend.index * d;
        return flow.blends[blend.index].reduce((sum, value, c) => sum + value * model.weights.hidden[row + c], 0);
      }));
    for (const filter of model.filters)
      put("h", filter, flow.hidden.map((_, unit) => flow.activation[filter.place] * this.weight(unit, filter)));
    return slopes;
  }
}

// vector += matrix . other, all of them Float64Array
function addProduct(vector, matrix, other) {
  for (let row = 0, at = 0; row < vector.length; row++) {
    let sum = 0;
    for (let column = 0; column < other.length; column++, at++) sum += matrix[at] * other[column];
    vector[row] += sum;
  }
}
