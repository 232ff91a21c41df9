function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function line(row, kinds) {
  const made = element("tr", undefined, [row.marked && "marked", row.picked && "picked"].filter(Boolean).join(" "));
  if (row.id !== undefined) made.dataset.id = row.id;
  row.cells.forEach((text, at) => {
    const cell = element("td", kinds[at] === "button" ? undefined : text, kinds[at]);
    if (kinds[at] === "button") cell.append(element("button", text));  // so that a keyboard reaches every row
    made.append(cell);
  });
  return made;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const frame = parentElement.querySelector(".html-table"), shown = JSON.stringify(data);
  frame.onclick = (event) => {
    const row = event.target.closest("tr[data-id]");
    if (!row) return;
    frame.querySelector(".picked")?.classList.remove("picked");
    row.classList.add("picked");
    setTriggerValue("picked", Number(row.dataset.id));
  };
  if (frame.dataset.shown === shown) return;
  frame.dataset.shown = shown;
  const focused = frame.contains(document.activeElement) && document.activeElement.closest("tr")?.dataset.id;
  const table = element("table"), head = element("thead"), body = element("tbody"), names = element("tr");
  table.setAttribute("aria-label", data.label);
  frame.setAttribute("aria-label", data.label);
  frame.classList.toggle("list", data.rows.some((row) => row.id !== undefined));
  data.columns.forEach((name, at) => {
    const cell = element("th", name, data.kinds[at]);
    cell.scope = "col";
    names.append(cell);
  });
  head.append(names);
  body.append(...data.rows.map((row) => line(row, data.kinds)));
  table.append(head, body);
  frame.replaceChildren(table);
  if (!focused) frame.scrollTop = 0;
  else body.querySelector(`tr[data-id="${focused}"] button`)?.focus();
}
