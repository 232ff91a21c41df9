// What the visitor has turned, as the parameter `turn` says it: "v:0,2b:1.5,V3@2:0.4,2b@1.7:-0.2,who:0.7".

export const LEAST = -2, MOST = 3;
const LARGEST = 10; // of a single weight, either sign

export class Knobs {
  constructor(values = {}) {
    this.values = values;
  }

  // What the model has of a text; the page around the picture says what it has not.
  static parse(text, model) {
    const values = {};
    for (const part of (text || "").split(",").filter(Boolean)) {
      const at = part.lastIndexOf(":");
      const [name, value] = [part.slice(0, at), Number(part.slice(at + 1))];
      const [least, most] = range(name);
      if (has(model, name) && value >= least && value <= most) values[name] = value;
    }
    return new Knobs(values);
  }

  get text() {
    return Object.keys(this.values).sort(inOrder).map((name) => `${name}:${Number(this.values[name].toFixed(3))}`).join(",");
  }

  // With one value changed; undefined is as trained.
  with(name, value) {
    const values = { ...this.values };
    const trained = name === "who" ? 0.5 : name.includes("@") ? undefined : 1;
    if (value === undefined || value === trained) delete values[name];
    else values[name] = Number(value.toFixed(3));
    return new Knobs(values);
  }

  factor(name) {
    return this.values[name] ?? 1;
  }

  weight(name, trained) {
    return this.values[name] ?? trained;
  }

  get who() {
    return this.values.who ?? 0.5;
  }

  cells(filter) {
    const begin = `${filter}@`;
    return Object.keys(this.values).filter((name) => name.startsWith(begin)).map((name) => {
      const [row, column] = name.slice(begin.length).split(".").map(Number);
      return { row, column, value: this.values[name] };
    });
  }

  get changed() {
    return Object.keys(this.values).length > 0;
  }
}

const range = (name) => (name === "who" ? [0, 1] : name.includes("@") ? [-LARGEST, LARGEST] : [LEAST, MOST]);

function has(model, name) {
  const [filter, place] = name.split("@");
  if (place === undefined) return model.names.has(name) || { h: model.n_h, v: model.n_v, p: model.weights.users, who: model.weights.users }[name];
  const [row, column] = place.split(".").map(Number);
  const within = (value, most) => Number.isInteger(value) && value >= 1 && value <= most;
  if (model.blends.some((blend) => blend.name === filter)) return column === undefined && within(row, model.L);
  const horizontal = model.filters.find((one) => one.name === filter);
  return Boolean(horizontal) && within(row, horizontal.height) && within(column, model.d);
}

const inOrder = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
