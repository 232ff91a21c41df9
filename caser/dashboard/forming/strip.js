const AN_EPOCH = 700; // milliseconds
const SVG = "http://www.w3.org/2000/svg";
const WIDE = 260, HIGH = 90; // of the loss, in its own units

const standsStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function unpacked(text) {
  return Int8Array.from(atob(text), (sign) => sign.charCodeAt(0));
}

function colour(hue) {
  return [1, 3, 5].map((at) => parseInt(hue.slice(at, at + 2), 16));
}

class Forming {
  constructor(root) {
    this.root = root;
    this.at = this.goal = 0; // epochs by their place in the data; between two it is a mixture
    this.last = null; // when the last frame was drawn
  }

  get end() {
    return this.data.epochs.length - 1;
  }

  update(data) {
    const first = !this.data, followed = first || this.at >= this.end;
    this.data = data;
    this.frames = data.cells.map(unpacked);
    const built = JSON.stringify([data.bands, data.planted.map(({ label }) => label), data.of]);
    if (built !== this.built) this.build();
    this.built = built;
    this.slider.max = this.end;
    this.at = Math.min(this.at, this.end);
    if (first && (standsStill() || data.live)) this.at = this.end;
    if (followed && !(first && standsStill())) this.move(this.end);
    else this.show();
  }

  build() {
    const { hues, label } = this.data;
    [this.above, this.below] = [colour(hues.positive), colour(hues.negative)];
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", label);
    this.canvases = [];
    const beside = element("div", "beside"), bands = element("div", "bands"), board = element("div", "board");
    bands.append(...this.data.bands.map((band) => this.band(band)));
    beside.append(...this.loss(), this.list());
    board.append(bands, beside);
    this.say = element("p", "say");
    this.root.replaceChildren(this.controls(), this.say, board);
    this.shown = null;
  }

  controls() {
    const bar = element("div", "controls");
    this.button = element("button", "", "Play");
    this.button.type = "button";
    this.button.onclick = () => (this.moving ? this.stop() : this.play());
    this.slider = element("input");
    Object.assign(this.slider, { type: "range", min: 0, step: 1 });
    this.slider.setAttribute("aria-label", "Epoch");
    this.slider.oninput = () => this.jump(Number(this.slider.value));
    this.place = element("output", "place");
    bar.append(this.button, this.slider, this.place);
    return bar;
  }

  band({ label, filters }) {
    const band = element("div", "band"), row = element("div", "filters");
    row.append(...filters.map((filter) => this.filter(filter)));
    band.append(element("div", "reads", label), row);
    return band;
  }

  filter({ name, rows, columns }) {
    const figure = element("figure"), canvas = element("canvas"), words = element("figcaption", "", name);
    Object.assign(canvas, { width: columns, height: rows });
    canvas.style.setProperty("--columns", columns);
    canvas.style.setProperty("--rows", rows);
    canvas.style.setProperty("--cell", `${Math.max(1, Math.min(9, Math.floor(144 / columns)))}px`);
    canvas.setAttribute("role", "img");
    this.canvases.push({ canvas, words, name, pen: canvas.getContext("2d"), pixels: new ImageData(columns, rows) });
    figure.append(canvas, words);
    return figure;
  }

  loss() {
    const drawn = shape("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, class: "loss", "aria-hidden": "true" });
    this.line = shape("polyline", {});
    this.dot = shape("circle", { r: 4 });
    drawn.append(this.line, this.dot);
    this.losses = element("div", "losses");
    return [this.losses, drawn];
  }

  list() {
    const list = element("ul", "planted");
    if (this.data.planted.length) list.append(element("li", "heading", "Planted in the viewers"));
    this.items = this.data.planted.map(({ label }) => {
      const item = element("li"), mark = element("span", "mark"), words = element("span", "", label);
      item.append(mark, words);
      list.append(item);
      return { item, mark, words, label };
    });
    return list;
  }

  play() {
    if (this.at >= this.end) this.at = 0;
    if (standsStill()) return this.jump(this.at + 1);
    this.move(this.end);
  }

  move(goal) {
    this.goal = goal;
    if (standsStill()) return this.jump(goal);
    if (this.moving) return;
    this.moving = true;
    this.last = null;
    requestAnimationFrame((now) => this.frame(now));
    this.show();
  }

  frame(now) {
    if (!this.moving || !this.root.isConnected) return this.stop();
    const behind = Math.max(1, this.data.live ? this.goal - this.at : 1);
    this.at = Math.min(this.goal, this.at + (behind * (now - (this.last ?? now))) / AN_EPOCH);
    this.last = now;
    if (this.at >= this.goal) return this.stop();
    this.show();
    requestAnimationFrame((then) => this.frame(then));
  }

  stop() {
    this.moving = false;
    this.at = Math.round(this.at);
    this.show();
  }

  jump(place) {
    this.at = Math.min(place, this.end);
    this.stop();
  }

  show() {
    this.paint();
    this.mark();
    const place = Math.round(this.at);
    this.button.textContent = this.moving ? "Pause" : "Play";
    if (place === this.shown && this.told === this.data) return;
    this.tell(place);
    [this.shown, this.told] = [place, this.data];
  }

  paint() {
    const place = Math.floor(this.at), part = this.at - place;
    const from = this.frames[place], to = this.frames[Math.min(place + 1, this.end)];
    let cell = 0;
    for (const { pen, pixels } of this.canvases) {
      for (let at = 0; at < pixels.data.length; at += 4, cell += 1) {
        const value = from[cell] * (1 - part) + to[cell] * part;
        pixels.data.set(value < 0 ? this.below : this.above, at);
        pixels.data[at + 3] = 2 * Math.abs(value);
      }
      pen.putImageData(pixels, 0, 0);
    }
  }

  mark() {
    const { loss, epochs, of } = this.data;
    const known = epochs.map((epoch, at) => [epoch, loss[at]]).filter(([, value]) => value !== null);
    this.dot.classList.toggle("hidden", !known.length);
    if (!known.length) return;
    const values = known.map(([, value]) => value), low = Math.min(...values), high = Math.max(...values);
    const x = (epoch) => 6 + ((WIDE - 12) * (epoch - 1)) / Math.max(1, of - 1);
    const y = (value) => 6 + ((HIGH - 12) * (high - value)) / (high - low || 1);
    this.line.setAttribute("points", known.map(([epoch, value]) => `${x(epoch)},${y(value)}`).join(" "));
    const place = Math.floor(this.at), part = this.at - place, next = Math.min(place + 1, this.end);
    const value = loss[place] ?? values[0], after = loss[next] ?? value;
    this.dot.setAttribute("cx", x(Math.max(1, epochs[place] * (1 - part) + epochs[next] * part)));
    this.dot.setAttribute("cy", y(value * (1 - part) + after * part));
  }

  tell(place) {
    const { epochs, said, loss, names, planted, of, live } = this.data;
    this.root.dataset.epoch = epochs[place];
    this.slider.value = place;
    this.slider.setAttribute("aria-valuetext", said[place]);
    this.place.textContent = `epoch ${epochs[place]} of ${of}`;
    this.say.textContent = said[place];
    this.losses.textContent = loss[place] === null ? "Loss" : `Loss ${loss[place].toPrecision(3)}`;
    this.canvases.forEach(({ canvas, words, name }, at) => {
      const called = names[place][at] ?? "";
      words.textContent = called ? `${name} · ${called}` : name;
      words.classList.toggle("called", Boolean(called));
      canvas.setAttribute("aria-label", called ? `${name}, looks for ${called}` : name);
    });
    this.items.forEach(({ item, mark, words, label }, at) => {
      const by = planted[at].by[place];
      item.classList.toggle("found", Boolean(by));
      mark.textContent = by ? "✓" : "○";
      words.textContent = `${label}: ${by ? `found by ${by}` : live ? "not found yet" : "in no single filter"}`;
    });
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".forming");
  root.forming ??= new Forming(root);
  root.forming.update(data);
}
