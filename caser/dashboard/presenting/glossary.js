// Names are found in the text under the pointer and marked by ranges, so that no element of the page is touched.
const WORD = /(?<![\w-])[A-Z]{2,5}(?![a-z])/g, IN = "[data-testid=stMain], [data-testid=stSidebar]", MARKED = "glossary";
let glossary = null;

export default function ({ data, parentElement }) {
  glossary?.leave();
  const mine = (glossary = new Glossary(data, parentElement.querySelector(".glossary")));
  return () => mine.leave();
}

class Glossary {
  constructor(meanings, tip) {
    this.meanings = new Map(Object.entries(meanings));
    this.tip = tip;
    this.onPoint = (event) => this.show(event.clientX, event.clientY);
    document.addEventListener("pointermove", this.onPoint, { passive: true });
    document.addEventListener("pointerdown", this.onPoint, { passive: true });
    this.observer = new MutationObserver(() => {
      clearTimeout(this.later);
      this.later = setTimeout(() => this.mark(), 400);
    });
    this.observer.observe(document.body, { childList: true, characterData: true, subtree: true });
    this.mark();
  }

  // The ranges of the names in a text.
  *names(text) {
    for (const { 0: word, index } of text.data.matchAll(WORD)) {
      if (!this.meanings.has(word)) continue;
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      yield [word, range];
    }
  }

  mark() {
    if (!globalThis.Highlight) return;
    const ranges = [];
    for (const part of document.querySelectorAll(IN)) {
      const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) for (const [, range] of this.names(walker.currentNode)) ranges.push(range);
    }
    CSS.highlights.set(MARKED, new Highlight(...ranges));
  }

  show(x, y) {
    const at = document.caretPositionFromPoint?.(x, y) ?? document.caretRangeFromPoint?.(x, y);
    const text = at?.offsetNode ?? at?.startContainer;
    if (text?.nodeType === Node.TEXT_NODE && text.parentElement?.closest(IN)) {
      for (const [word, range] of this.names(text)) {
        const { left, right, top, bottom } = range.getBoundingClientRect();
        if (x >= left && x <= right && y >= top && y <= bottom) return this.say(word, left, bottom);
      }
    }
    this.tip.hidden = true;
  }

  say(word, left, bottom) {
    const { tip } = this;
    tip.textContent = this.meanings.get(word);
    tip.hidden = false;
    const width = tip.offsetWidth, height = tip.offsetHeight;
    tip.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
    tip.style.top = `${bottom + height + 8 > innerHeight ? bottom - height - 28 : bottom + 4}px`;
  }

  leave() {
    this.observer.disconnect();
    clearTimeout(this.later);
    globalThis.CSS?.highlights?.delete(MARKED);
    document.removeEventListener("pointermove", this.onPoint);
    document.removeEventListener("pointerdown", this.onPoint);
    this.tip.hidden = true;
  }
}
