// Streamlit draws the step and its links as a card on the page. This lifts the card off the page, dims all but the part
// it speaks of, brings that into view, and listens to keys. Without it the card stays a card.
const GAP = 12, EDGE = 8, NARROW = 640;  // pixels
const LOOK = 150, LOOKS = 60;  // milliseconds between two looks for what is still being drawn, and how many
const HANDS = ["wheel", "touchmove", "pointerdown", "keydown"];
const THEME = ["background-color", "text-color", "border-color", "primary-color", "base-radius"];
let tour = null, calls = 0;

export default function ({ data, parentElement }) {
  const card = parentElement.closest(".st-key-tour"), call = ++calls;
  if (tour?.card !== card) {
    tour?.end();
    tour = new Tour(card, parentElement);
  }
  tour.show(data);
  return () => {
    if (call === calls) tour?.leave();
  };
}

class Tour {
  constructor(card, root) {
    Object.assign(this, { card, said: root.querySelector(".tour-said"), step: 0 });
    this.spot = document.createElement("div");  // behind the card, whatever is between the two
    this.spot.className = "tour-spot";
    document.body.append(this.spot);
    this.wear(root);
    this.themes = new MutationObserver(() => requestAnimationFrame(() => this.wear(root)));  // light turns to dark
    this.themes.observe(document.querySelector(".stApp"), { attributes: true, attributeFilter: ["class"] });
    card.dataset.lifted = "";
    card.setAttribute("role", "dialog");
    card.setAttribute("aria-modal", "false");
    this.onKey = (event) => this.key(event);
    this.onMove = () => this.place();
    this.onHand = () => { this.looks = 0; };
    document.addEventListener("keydown", this.onKey);
    addEventListener("resize", this.onMove);
    document.addEventListener("scroll", this.onMove, true);
    HANDS.forEach((hand) => addEventListener(hand, this.onHand, { passive: true }));
  }

  // The theme's colours, which Streamlit gives to the component alone.
  wear(root) {
    const theme = getComputedStyle(root);
    for (const part of [this.card, this.spot]) {
      for (const name of THEME) part.style.setProperty(`--st-${name}`, theme.getPropertyValue(`--st-${name}`));
    }
  }

  show({ step, title, spots }) {
    this.spots = spots;
    this.card.setAttribute("aria-label", `Tour, step ${title}`);
    this.card.querySelectorAll("[aria-current=step]").forEach((link) => link.removeAttribute("aria-current"));
    this.link(step)?.setAttribute("aria-current", "step");
    const turned = step !== this.step;
    this.step = step;
    if (!turned) return this.place();
    this.looks = LOOKS;
    clearTimeout(this.timer);
    this.look();
    this.onward()?.focus({ preventScroll: true });
    setTimeout(() => { this.said.textContent = this.card.querySelector(".stMarkdown")?.innerText ?? title; }, LOOK);
  }

  // Parts arrive one after another and push each other down: look again until somebody takes over or time is up.
  look() {
    this.bring();
    this.place();
    if (!this.card.contains(document.activeElement) && document.activeElement === document.body) {
      this.onward()?.focus({ preventScroll: true });
    }
    this.timer = setTimeout(() => (this.looks-- > 0 ? this.look() : this.watch()), LOOK);
  }

  watch() {
    this.place();
    this.timer = setTimeout(() => this.watch(), 5 * LOOK);
  }

  part() {
    const parts = this.spots.flatMap((selector) => [...document.querySelectorAll(selector)]);
    return parts.find((part) => part.getClientRects().length);
  }

  bring() {
    const part = this.part();
    if (!part) return;
    const { top, height } = part.getBoundingClientRect(), below = this.card.offsetHeight + GAP;
    const header = document.querySelector("[data-testid=stHeader]")?.offsetHeight ?? 0, room = innerHeight - header - 2 * EDGE;
    const spare = Math.max(room - height - below, 0);
    const wanted = header + EDGE + (height + below <= room ? Math.min(spare / 2, top > header ? top : 0) : 0);
    const fits = top >= header + EDGE && top + height + below <= innerHeight - EDGE;
    if (!fits && Math.abs(top - wanted) > 1) scroller(part).scrollTop += top - wanted;
  }

  place() {
    const part = this.part(), box = part?.getBoundingClientRect();
    this.spot.classList.toggle("nowhere", !box);
    if (box) {
      const at = { left: box.left - EDGE, top: box.top - EDGE, width: box.width + 2 * EDGE, height: box.height + 2 * EDGE };
      for (const side in at) this.spot.style[side] = `${at[side]}px`;
    }
    const [left, top] = this.beside(box);
    this.card.style.left = `${left}px`;
    this.card.style.top = `${top}px`;
  }

  // Below the part, else above, else at a side; where there is no room, in the corner.
  beside(box) {
    const { offsetWidth: width, offsetHeight: height } = this.card;
    const right = document.documentElement.clientWidth - width - EDGE, bottom = innerHeight - height - EDGE;
    const within = (value, most) => Math.max(EDGE, Math.min(value, most));
    if (!box || innerWidth < NARROW) return [within(right, right), within(bottom, bottom)];
    const left = within(box.left, right), top = within(box.top, bottom), room = GAP + EDGE;
    if (box.bottom + room <= bottom) return [left, box.bottom + room];
    if (box.top - room - height >= EDGE) return [left, box.top - room - height];
    if (box.right + room <= right) return [box.right + room, top];
    if (box.left - room - width >= EDGE) return [box.left - room - width, top];
    return [right, bottom];
  }

  link(name) {
    return this.card.querySelector(`.st-key-tour-${name} a`);
  }

  onward() {
    return this.link("next") ?? this.link("leave");
  }

  key(event) {
    const { target } = event, arrow = event.key.startsWith("Arrow");
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.closest?.("input, textarea, select, [contenteditable], [role=slider], [role=listbox], [role=option]")) return;
    if (arrow && target.closest?.(".st-key-picture, [role=radiogroup], [role=tablist]")) return;
    const name = { ArrowRight: "next", ArrowLeft: "back", Escape: "leave" }[event.key] ?? event.key;
    const link = /^([1-9]|next|back|leave)$/.test(name) && this.link(name);
    if (!link) return;
    event.preventDefault();
    link.click();
  }

  end() {
    clearTimeout(this.timer);
    this.spot.remove();
    this.themes.disconnect();
    document.removeEventListener("keydown", this.onKey);
    removeEventListener("resize", this.onMove);
    document.removeEventListener("scroll", this.onMove, true);
    HANDS.forEach((hand) => removeEventListener(hand, this.onHand));
  }

  leave() {
    this.end();
    tour = null;
    const title = document.querySelector("[data-testid=stMain] h1");
    if (title && document.activeElement === document.body) {
      title.tabIndex = -1;
      title.focus({ preventScroll: true });
    }
  }
}

function scroller(part) {
  let box = part.parentElement;
  while (box && !(box.scrollHeight > box.clientHeight && /auto|scroll/.test(getComputedStyle(box).overflowY))) box = box.parentElement;
  return box ?? document.scrollingElement;
}
