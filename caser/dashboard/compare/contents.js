const LOOK = 100;  // milliseconds between two looks
const WAITS = 600;  // looks until a part is open
const LOOKS = 40;  // looks once it is open
const SETTLED = 8;  // looks in a row that find the part in place

// Charts above a part may still be on their way, and it may be drawn anew: it is brought back until nothing moves it.
function bring(name) {
  let waits = WAITS, left = LOOKS, settled = 0;
  const hands = ["wheel", "touchstart", "keydown", "pointerdown"];
  const stop = () => { left = 0; };
  hands.forEach((hand) => addEventListener(hand, stop, { once: true }));
  const look = () => {
    const head = document.querySelector(`.st-key-part-${name} summary`);
    if (left <= 0 || waits <= 0 || settled >= SETTLED) return hands.forEach((hand) => removeEventListener(hand, stop));
    if (!head?.closest("details").open) waits -= 1;
    else {
      left -= 1;
      head.focus({ preventScroll: true });
      const before = head.getBoundingClientRect().top;
      head.scrollIntoView({ block: "start" });
      settled = Math.abs(head.getBoundingClientRect().top - before) < 1 ? settled + 1 : 0;
    }
    setTimeout(look, LOOK);
  };
  setTimeout(look, LOOK);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".contents"), first = !list.childElementCount;
  list.setAttribute("aria-label", data.label);
  const caption = document.createElement("span");
  caption.textContent = data.label;
  const focused = list.contains(document.activeElement) && document.activeElement.dataset.part;
  list.replaceChildren(caption, ...data.parts.map((part) => {
    const link = document.createElement("a");
    link.textContent = part.title;
    link.href = `?${part.address}`;
    link.dataset.part = part.name;
    link.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      setTriggerValue("picked", part.name);
      bring(part.name);
    };
    return link;
  }));
  if (focused) list.querySelector(`[data-part="${focused}"]`)?.focus();
  if (first && data.open) bring(data.open);
}
