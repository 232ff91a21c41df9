function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function cells(values) {
  const made = element("div", "cells");
  made.style.setProperty("--cells", values.length);
  made.append(...values.map((value) => cell(value)));
  return made;
}

function cell({ text, shade }, className = "") {
  const made = element("span", `cell ${className}`, text);
  made.style.setProperty("--shade", Math.abs(shade) * 0.75);
  made.classList.toggle("below", shade < 0);
  return made;
}

class Story {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.step = 0;
    this.timer = null;
    this.root.style.setProperty("--above-hue", data.hues.positive);
    this.root.style.setProperty("--below-hue", data.hues.negative);
    this.say = element("p", "say");
    this.say.setAttribute("aria-live", "polite");
    this.root.replaceChildren(this.controls(), this.say, this.board());
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Two filters, step by step; space plays, the arrow keys step");
    this.root.onkeydown = (event) => this.key(event);
    this.show();
  }

  controls() {
    const bar = element("div", "controls");
    const button = (name, act) => {
      const made = element("button", "", name);
      made.type = "button";
      made.onclick = act;
      bar.append(made);
      return made;
    };
    this.play = button("Play", () => this.toggle());
    button("Back", () => this.go(this.step - 1));
    button("Next", () => this.go(this.step + 1));
    this.place = element("span", "place");
    bar.append(this.place);
    return bar;
  }

  board() {
    const { films, vertical, horizontal } = this.data;
    const board = element("div", "board");
    this.rows = films.map((film, at) => {
      const row = element("div", "row");
      row.append(element("div", "film", `${at + 1} · ${film.title}`), cells(film.cells));
      if (vertical) row.append(cell(vertical.weights[at], "weight"));
      return row;
    });
    if (vertical) board.append(this.heading());
    board.append(...this.rows);
    if (vertical) board.append((this.blend = this.line(`the blend of ${vertical.name}`, vertical.sums[0])));
    if (horizontal) {
      this.filter = element("div", "filter");
      this.filter.append(...horizontal.weights.map((row, at) => this.line(`filter ${horizontal.name}, row ${at + 1}`, row)));
      this.answers = element("div", "answers");
      this.answers.append(element("span", "film", "its responses"));
      this.buttons = horizontal.answers.map((answer, first) => this.answer(answer, first));
      this.answers.append(...this.buttons);
      board.append(this.filter, this.answers);
    }
    return board;
  }

  heading() {
    const row = element("div", "row heading");
    row.append(element("span"), element("span"), element("span", "", "weight"));
    return row;
  }

  line(name, values) {
    const row = element("div", "row");
    row.append(element("div", "film", name), cells(values), element("span"));
    return row;
  }

  answer(answer, first) {
    const made = element("button", "answer", answer.text);
    made.type = "button";
    made.title = answer.films;
    made.setAttribute("aria-label", `${answer.films}: ${answer.text}`);
    made.style.setProperty("--shade", Math.abs(answer.shade) * 0.75);
    made.classList.toggle("below", answer.shade < 0);
    const at = this.data.steps.findIndex((step) => step.kind === "horizontal" && step.at === first);
    made.onclick = () => this.go(at);
    made.onmouseenter = made.onfocus = () => this.light(this.data.steps[at]);
    made.onmouseleave = made.onblur = () => this.light(this.data.steps[this.step]);
    return made;
  }

  show() {
    const { steps } = this.data;
    this.place.textContent = `${this.step + 1} of ${steps.length}`;
    this.light(steps[this.step]);
  }

  light(step) {
    const { vertical, horizontal, steps } = this.data;
    this.say.textContent = step.say;
    const under = (at) => {
      if (step.kind === "window") return true;
      if (step.kind === "vertical") return at === step.at;
      return at >= step.at && at < step.at + horizontal.height;
    };
    this.rows.forEach((row, at) => row.classList.toggle("lit", under(at)));
    this.root.dataset.kind = step.kind;
    if (vertical) {
      const done = step.kind === "vertical" ? step.at : step.kind === "window" ? -1 : this.rows.length - 1;
      this.rows.forEach((row, at) => row.lastChild.classList.toggle("used", at <= done));
      this.blend.replaceChild(cells(vertical.sums[Math.max(done, 0)]), this.blend.children[1]);
      this.blend.classList.toggle("hidden", done < 0);
    }
    if (horizontal) {
      const sliding = step.kind === "horizontal" || step.kind === "kept";
      const reached = steps.indexOf(step) > this.step ? this.step : steps.indexOf(step);
      this.filter.classList.toggle("hidden", !sliding);
      [...this.filter.children].forEach((row, at) => {
        row.firstChild.textContent = `filter ${horizontal.name}, row ${at + 1} · over ${step.at + at + 1}`;
      });
      this.answers.classList.toggle("hidden", !sliding);
      this.buttons.forEach((button, first) => {
        const own = steps.findIndex((other) => other.kind === "horizontal" && other.at === first);
        button.classList.toggle("lit", sliding && first === step.at);
        button.classList.toggle("kept", step.kind === "kept" && first === horizontal.kept);
        button.classList.toggle("unknown", own > Math.max(reached, this.step) && first !== step.at);
      });
    }
  }

  go(step) {
    this.pause();
    this.step = Math.min(Math.max(step, 0), this.data.steps.length - 1);
    this.show();
  }

  toggle() {
    if (this.timer) return this.pause();
    if (this.step === this.data.steps.length - 1) this.step = -1;
    this.play.textContent = "Pause";
    const tick = () => {
      if (!this.root.isConnected || this.step >= this.data.steps.length - 1) return this.pause();
      this.step += 1;
      this.show();
    };
    this.timer = setInterval(tick, 1000);
    tick();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
  }

  key(event) {
    const onButton = event.target.tagName === "BUTTON";
    if (event.key === "ArrowRight") this.go(this.step + 1);
    else if (event.key === "ArrowLeft") this.go(this.step - 1);
    else if (event.key === " " && !onButton) this.toggle();
    else return;
    event.preventDefault();
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".story"), shown = JSON.stringify(data);
  if (root.dataset.shown === shown) return;
  root.dataset.shown = shown;
  root.story?.pause();
  root.story = new Story(root, data);
}
