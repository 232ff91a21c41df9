// While somebody presents, a page that is to be seen at a glance is as large as one screen allows; others are large and
// scroll. Streamlit measures in rem, so one size enlarges all of a page.
const SMALLEST = 12, LARGE = 18, LINES = 30;  // pixels, pixels, and of a screen at most so few lines
let stage = null;

export default function ({ data, parentElement }) {
  stage?.leave();
  const mine = (stage = new Stage(data.fits));
  return () => mine.leave();
}

class Stage {
  constructor(fits) {
    this.fits = fits;
    this.main = document.querySelector("[data-testid=stMain]");
    this.size = this.largest;
    this.onResize = () => this.fit(this.largest);
    this.observer = new ResizeObserver(() => this.fit(this.size));
    this.observer.observe(this.main.firstElementChild);
    addEventListener("resize", this.onResize);
    this.fit(this.size);
  }

  get largest() {
    return Math.max(LARGE, innerHeight / LINES);
  }

  // From one size down, until all fits; parts that arrive later make it smaller, so that nothing jumps to and fro.
  fit(from) {
    const { style } = document.documentElement;
    for (this.size = from; ; this.size -= 0.5) {
      style.fontSize = `${this.size}px`;
      if (!this.fits || this.size <= SMALLEST || this.main.scrollHeight <= this.main.clientHeight) return;
    }
  }

  leave() {
    this.observer.disconnect();
    removeEventListener("resize", this.onResize);
    document.documentElement.style.fontSize = "";
  }
}
