// Caser's forward pass and what each part adds to a score, as caser/models/caser.py and caser/explain compute them.

export const EMPTY = -1; // a place without a film

// state: {films: item or EMPTY by place, user: row of the users' table (0 is a new visitor), knobs}
export function forward(model, state) {
  const flow = reading(model, state);
  flow.scores = scores(model, flow.query);
  return flow;
}

// The forward pass up to what every film is scored with.
export function reading(model, state) {
  const { d, L } = model;
  const { knobs } = state;
  const E = new Float64Array(L * d);
  state.films.forEach((film, place) => {
    if (film !== EMPTY) E.set(model.weights.items.subarray(film * d, (film + 1) * d), place * d);
  });
  const flow = { state, E, responses: [], kept: [], activation: [], blends: [] };
  const features = new Float64Array(model.features);
  model.blends.forEach((blend) => {
    const mixed = mix(model, knobs, blend, E);
    const factor = knobs.factor("v") * knobs.factor(blend.name);
    flow.blends.push(mixed);
    for (let c = 0; c < d; c++) features[blend.index * d + c] = factor * mixed[c];
  });
  model.filters.forEach((filter) => {
    const responses = slide(model, knobs, filter, E);
    const best = Math.max(...responses);
    flow.responses.push(responses);
    flow.kept.push(responses.indexOf(best));
    flow.activation.push(Math.max(best, 0));
    features[model.blends.length * d + filter.place] = knobs.factor("h") * knobs.factor(filter.name) * Math.max(best, 0);
  });
  flow.features = features;
  flow.hidden = hidden(model, features);
  flow.query = query(model, state, flow.hidden);
  return flow;
}

export function verticalWeights(model, knobs, blend) {
  const { L } = model;
  return Array.from({ length: L }, (_, place) =>
    knobs.weight(`${blend.name}@${place + 1}`, model.weights.vertical[blend.index * L + place]));
}

function mix(model, knobs, blend, E) {
  const { d } = model;
  const mixed = new Float64Array(d);
  verticalWeights(model, knobs, blend).forEach((weight, place) => {
    for (let c = 0; c < d; c++) mixed[c] += weight * E[place * d + c];
  });
  return mixed;
}

// The rows of a horizontal filter, height * d numbers, with what the visitor has edited.
export function cells(model, knobs, filter) {
  const { d } = model;
  const trained = model.weights.horizontal.subarray(filter.offset, filter.offset + filter.height * d);
  const edited = knobs.cells(filter.name);
  if (!edited.length) return trained;
  const values = Float32Array.from(trained);
  for (const { row, column, value } of edited) values[(row - 1) * d + column - 1] = value;
  return values;
}

function slide(model, knobs, filter, E) {
  const { d, L } = model;
  const values = cells(model, knobs, filter);
  const bias = model.weights.horizontal_bias[filter.place];
  const responses = [];
  for (let first = 0; first <= L - filter.height; first++) {
    let sum = bias;
    for (let i = 0, at = first * d; i < values.length; i++, at++) sum += values[i] * E[at];
    responses.push(sum);
  }
  return responses;
}

function hidden(model, features) {
  if (!model.features) return new Float64Array(0);
  const { d } = model;
  const { hidden: weight, hidden_bias: bias } = model.weights;
  const units = new Float64Array(d);
  for (let unit = 0; unit < d; unit++) {
    let sum = bias[unit];
    for (let i = 0, at = unit * features.length; i < features.length; i++, at++) sum += weight[at] * features[i];
    units[unit] = sum;
  }
  return units;
}

// What who-against-what and the part's own knob multiply: the sequence, and the viewer.
const doing = (knobs) => 2 * (1 - knobs.who);
const being = (knobs) => 2 * knobs.who * knobs.factor("p");

export function query(model, state, units) {
  const { d } = model;
  const values = new Float64Array(model.width);
  units.forEach((unit, i) => (values[i] = doing(state.knobs) * Math.max(unit, 0)));
  if (model.weights.users)
    for (let c = 0; c < d; c++) values[units.length + c] = being(state.knobs) * model.weights.users[state.user * d + c];
  return values;
}

function scores(model, values) {
  const result = new Float64Array(model.n_items);
  for (let item = 0; item < model.n_items; item++) result[item] = scoreOf(model, values, item);
  return result;
}

export function scoreOf(model, values, item) {
  const { output, output_bias: bias } = model.weights;
  let sum = bias[item];
  for (let i = 0, at = item * values.length; i < values.length; i++, at++) sum += output[at] * values[i];
  return sum;
}

// A score taken apart, exactly: ReLU and max pooling are linear where they are now.
// Returns {byBlend[k][place], byFilter[f][row], films, filters, blends, horizontal, vertical, user, network, constant, units}.
export function contributions(model, flow, item) {
  const { d, L } = model;
  const { state, E } = flow;
  const row = model.weights.output.subarray(item * model.width, (item + 1) * model.width);
  const slope = featureSlope(model, flow, row);
  const parts = { byBlend: [], byFilter: [], films: new Array(L).fill(0), constant: model.weights.output_bias[item] };
  model.blends.forEach((blend) => {
    const factor = state.knobs.factor("v") * state.knobs.factor(blend.name);
    const shares = verticalWeights(model, state.knobs, blend).map((weight, place) => {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += E[place * d + c] * slope[blend.index * d + c];
      return factor * weight * sum;
    });
    shares.forEach((share, place) => (parts.films[place] += share));
    parts.byBlend.push(shares);
  });
  model.filters.forEach((filter) => {
    const shares = filterShares(model, flow, filter, slope[model.blends.length * d + filter.place]);
    shares.forEach((share, place) => (parts.films[place] += share));
    parts.byFilter.push(shares);
  });
  parts.blends = parts.byBlend.map(total);
  parts.filters = parts.byFilter.map(total);
  parts.vertical = total(parts.blends);
  parts.horizontal = total(parts.filters);
  parts.units = Array.from(flow.hidden, (unit, i) => row[i] * flow.query[i]);
  parts.user = userPart(model, flow, row);
  parts.network = networkPart(model, flow, row, slope);
  return parts;
}

export const total = (values) => values.reduce((sum, value) => sum + value, 0);

// How much the score gains for a unit of each feature.
function featureSlope(model, flow, row) {
  const slope = new Float64Array(model.features);
  flow.hidden.forEach((unit, i) => {
    if (unit <= 0) return;
    const weight = doing(flow.state.knobs) * row[i];
    for (let f = 0, at = i * slope.length; f < slope.length; f++, at++) slope[f] += weight * model.weights.hidden[at];
  });
  return slope;
}

// What each place adds by way of one horizontal filter; windows that tie share.
function filterShares(model, flow, filter, slope) {
  const { d, L } = model;
  const { knobs } = flow.state;
  const shares = new Array(L).fill(0);
  const responses = flow.responses[filter.place];
  if (flow.activation[filter.place] <= 0) return shares;
  const best = Math.max(...responses);
  const windows = responses.flatMap((response, first) => (response === best ? [first] : []));
  const values = cells(model, knobs, filter);
  const factor = (knobs.factor("h") * knobs.factor(filter.name) * slope) / windows.length;
  for (const first of windows)
    for (let row = 0; row < filter.height; row++) {
      let sum = 0;
      for (let c = 0; c < d; c++) sum += values[row * d + c] * flow.E[(first + row) * d + c];
      shares[first + row] += factor * sum;
    }
  return shares;
}

function userPart(model, flow, row) {
  let sum = 0;
  for (let i = flow.hidden.length; i < model.width; i++) sum += row[i] * flow.query[i];
  return sum;
}

// What biases add: the hidden layer's, and those of the filters that fire.
function networkPart(model, flow, row, slope) {
  const { knobs } = flow.state;
  let sum = 0;
  flow.hidden.forEach((unit, i) => {
    if (unit > 0) sum += doing(knobs) * row[i] * model.weights.hidden_bias[i];
  });
  model.filters.forEach((filter) => {
    if (flow.activation[filter.place] > 0)
      sum += knobs.factor("h") * knobs.factor(filter.name) * model.weights.horizontal_bias[filter.place] *
        slope[model.blends.length * model.d + filter.place];
  });
  return sum;
}

// ---- lists

// A set of items that is asked for all of a catalogue, many times a second.
export class Items {
  constructor(items) {
    this.items = items;
    this.size = items.length;
    this.mask = new Uint8Array(items.length ? 1 + items.reduce((most, item) => Math.max(most, item), 0) : 0);
    for (const item of items) this.mask[item] = 1;
  }

  has(item) {
    return this.mask[item] === 1;
  }

  with(item) {
    return new Items([...this.items, item]);
  }
}

// The k best items, best first, ties by id; leftOut is `Items`.
export function best(scores, leftOut, k) {
  const kept = [];
  for (let item = 0; item < scores.length; item++) {
    if (leftOut.has(item)) continue;
    if (kept.length === k && scores[item] <= scores[kept[k - 1]]) continue;
    let at = kept.length;
    while (at > 0 && scores[kept[at - 1]] < scores[item]) at--;
    kept.splice(at, 0, item);
    if (kept.length > k) kept.pop();
  }
  return kept;
}

// 1 is first; a tie counts a half; the item itself is always ranked.
export function rank(scores, leftOut, item) {
  let above = 0, ties = 0;
  for (let other = 0; other < scores.length; other++) {
    if (other === item || leftOut.has(other)) continue;
    if (scores[other] > scores[item]) above++;
    else if (scores[other] === scores[item]) ties++;
  }
  return 1 + above + ties / 2;
}

// How likely each of `items` is next, in the model's own calibrated opinion.
export function chances(model, scores, leftOut, items) {
  const { temperature } = model;
  if (!temperature) return null;
  let highest = -Infinity, sum = 0;
  for (let item = 0; item < scores.length; item++) if (!leftOut.has(item) && scores[item] > highest) highest = scores[item];
  for (let item = 0; item < scores.length; item++) if (!leftOut.has(item)) sum += Math.exp((scores[item] - highest) / temperature);
  return items.map((item) => Math.exp((scores[item] - highest) / temperature) / sum);
}
