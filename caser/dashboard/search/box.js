// A text field that asks the server for films while somebody types; what is taken is said to the page.

const PAUSE = 60; // milliseconds without a key before it asks
const LONG = 600; // milliseconds after which it says that it waits

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...children);
  return made;
}

class FilmSearch {
  constructor(root, id) {
    this.found = [];
    this.at = -1; // the suggestion that Enter takes; none
    this.input = element("input", { id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
      placeholder: "Search by title", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": `${id}-list` });
    this.label = element("label", { for: id });
    this.list = element("ul", { id: `${id}-list`, role: "listbox" });
    this.said = element("p", { role: "status" });
    this.list.hidden = true;
    this.input.onfocus = () => this.prepare();
    this.input.oninput = () => this.type();
    this.input.onkeydown = (event) => this.key(event);
    this.input.onblur = () => this.close();
    this.list.onpointerdown = (event) => event.preventDefault(); // the field keeps the focus
    this.list.onclick = (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.pick([...this.list.children].indexOf(row));
    };
    root.replaceChildren(this.label, element("div", { class: "field" }, this.input, this.list), this.said);
  }

  update(data, take) {
    const other = this.data && data.address !== this.data.address;
    Object.assign(this, { data, take });
    if (other) this.clear();
    this.label.textContent = data.label;
    this.input.disabled = data.disabled;
    this.list.setAttribute("aria-label", data.films);
  }

  // The server makes a search ready when it is first asked, which for a large catalogue takes some seconds.
  prepare() {
    if (this.prepared === this.data.address) return;
    this.prepared = this.data.address;
    fetch(new URL(this.data.address, document.baseURI)).catch(() => {}); // that it fails is said once something is typed
  }

  type() {
    clearTimeout(this.waiting);
    this.asked?.abort();
    const text = this.input.value;
    if (!text.trim()) return this.show([], "");
    if (text.length > this.data.longest)
      return this.show([], `This has ${text.length.toLocaleString("en")} letters; type a few words of the title.`);
    this.waiting = setTimeout(() => this.ask(text), PAUSE);
  }

  async ask(text) {
    this.asked = new AbortController();
    const waiting = setTimeout(() => this.show([], "Searching …"), LONG);
    const url = new URL(this.data.address, document.baseURI);
    url.searchParams.set("q", text);
    try {
      const answered = await fetch(url, { signal: this.asked.signal });
      if (!answered.ok) throw new Error(await answered.text());
      const found = await answered.json();
      const many = found.length === 1 ? "1 suggestion" : `${found.length} suggestions`;
      this.show(found, found.length ? many : "No title is like this. Try one word of it.", found.length > 0);
    } catch (error) {
      if (error.name !== "AbortError") this.show([], "No suggestions now. Type the title and press Enter.");
    } finally {
      clearTimeout(waiting);
    }
  }

  // What is found and what is said of it; where a list shows it the words are for those who do not see that.
  show(found, words, listed = false) {
    this.found = found;
    this.list.replaceChildren(...found.map((film, place) => this.row(film, place)));
    this.said.textContent = words;
    this.said.classList.toggle("unseen", listed);
    this.open(found.length > 0 && document.activeElement === this.input); // an answer may come when one has gone on
    this.point(-1);
  }

  row(film, place) {
    const beside = [film.year || null, film.genres.join(", ")].filter(Boolean).join(" · ");
    return element("li", { id: `${this.list.id}-${place}`, role: "option", "aria-selected": "false" },
      element("span", { class: "title" }, film.title), " ", element("span", { class: "beside" }, beside));
  }

  open(shown) {
    this.list.hidden = !shown;
    this.input.setAttribute("aria-expanded", String(shown));
  }

  point(at) {
    this.at = at;
    [...this.list.children].forEach((row, place) => row.setAttribute("aria-selected", String(place === at)));
    const row = this.list.children[at];
    if (!row) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    event.stopPropagation(); // the page has keys of its own
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.found.length) {
      event.preventDefault();
      const places = this.found.length + 1; // one of them is the field itself
      const at = this.list.hidden ? -1 : this.at;
      this.open(true);
      this.point(((at + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      if (this.at >= 0 && !this.list.hidden) this.pick(this.at);
      else if (this.input.value.trim()) this.finish("text", this.input.value);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (this.list.hidden) this.clear();
      else this.close();
    }
  }

  pick(place) {
    this.finish("film", this.found[place].id);
  }

  finish(kind, text) {
    this.clear();
    this.take([kind, text]);
  }

  clear() {
    clearTimeout(this.waiting);
    this.asked?.abort();
    this.input.value = "";
    this.show([], "");
  }

  close() {
    this.open(false);
    this.point(-1);
  }
}

let made = 0;

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".film-search");
  root.search ??= new FilmSearch(root, `film-search-${made++}`);
  root.search.update(data, (taken) => setTriggerValue("taken", taken));
}
