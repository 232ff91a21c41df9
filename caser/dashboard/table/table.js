function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function content(value, kind, hues) {
  if (kind === "strip") return strip(value, hues);
  return kind === "button" ? element("button", value) : value;  // so that a keyboard reaches every row
}

// Of the row that is picked: elsewhere they would be in the way of a click.
function actions(acts, film) {
  const made = element("span", undefined, "acts");
  acts.forEach(([what, sign, words]) => {
    const button = element("button", `${sign} ${words}`);
    button.dataset.act = what;
    button.setAttribute("aria-label", `${words}: ${film}`);
    made.append(button);
  });
  return made;
}

function line(row, { kinds, hues, acts }) {
  const made = element("tr", undefined, [row.marked && "marked", row.picked && "picked"].filter(Boolean).join(" "));
  if (row.id !== undefined) made.dataset.id = row.id;
  row.cells.forEach((value, at) => {
    const cell = element("td", undefined, kinds[at]);
    cell.append(content(value, kinds[at], hues));
    if (acts && kinds[at] === "button") cell.append(actions(acts, value));
    made.append(cell);
  });
  return made;
}

function headings({ columns, kinds, hues }, onSort) {
  const names = element("tr");
  columns.forEach((name, at) => {
    const cell = element("th", name, kinds[at]);
    cell.scope = "col";
    if (hues && kinds[at] !== "strip") sortable(cell, name, () => onSort(at, kinds[at] === "number"));
    names.append(cell);
  });
  return names;
}

// What the visitor sorts by and searches for is kept on the frame, so that it outlives new data.
function arranger(frame, data, head, body) {
  const state = (frame.arranged ??= {}), lines = new Map(data.rows.map((row) => [row, line(row, data)]));
  return (changes = {}) => {
    Object.assign(state, changes);
    body.append(...ordered(data.rows, state).map((row) => lines.get(row)));
    lines.forEach((made, row) => (made.hidden = state.words ? !matches(row, state.words) : false));
    [...head.rows[0].cells].forEach((cell, at) => {
      if (at === state.at) cell.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    });
  };
}

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".html-table"), shown = JSON.stringify(data);
  frame.onclick = (event) => {
    const row = event.target.closest("tr[data-id]");
    if (!row) return;
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act) return setTriggerValue("acted", [Number(row.dataset.id), act]);
    frame.querySelector(".picked")?.classList.remove("picked");
    row.classList.add("picked");
    setTriggerValue("picked", Number(row.dataset.id));
  };
  if (frame.dataset.shown === shown) return;
  frame.dataset.shown = shown;
  const focused = frame.contains(document.activeElement) && document.activeElement.closest("tr")?.dataset.id;
  const table = element("table"), head = element("thead"), body = element("tbody");
  const arrange = arranger(frame, data, head, body), state = frame.arranged;
  head.append(headings(data, (at, number) => arrange(state.at === at ? { down: !state.down } : { at, down: number })));
  table.setAttribute("aria-label", data.label);
  frame.setAttribute("aria-label", data.label);
  frame.classList.toggle("list", data.rows.some((row) => row.id !== undefined));
  table.append(head, body);
  arrange();
  const search = data.search && searchable(data.search, (words) => arrange({ words: words.trim() }), state.words);
  frame.replaceChildren(...[search, table].filter(Boolean));
  if (!focused) frame.scrollTop = 0;
  else body.querySelector(`tr[data-id="${focused}"] button`)?.focus();
}
