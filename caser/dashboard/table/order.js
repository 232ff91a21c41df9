// The order of a table's rows, by one of its columns, and which of them a search leaves.

function ordered(rows, { at, down }) {
  if (at === undefined) return rows;
  const sign = down ? -1 : 1, numbers = rows.some((row) => row.keys[at] !== null);
  return [...rows].sort((one, other) => {
    if (!numbers) return sign * one.cells[at].localeCompare(other.cells[at]);
    const [a, b] = [one.keys[at], other.keys[at]];
    return a === null || b === null ? (a === null) - (b === null) : sign * (a - b);  // none comes last either way
  });
}

function matches(row, words) {
  const text = row.cells.filter((cell) => typeof cell === "string").join(" ").toLowerCase();
  return words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function sortable(heading, name, onSort) {
  const button = element("button", name);
  button.append(element("span", "", "way"));
  button.onclick = onSort;
  heading.replaceChildren(button);
}

function searchable(label, onSearch, words) {
  const box = element("input", undefined, "search");
  Object.assign(box, { type: "search", placeholder: label, value: words ?? "", oninput: () => onSearch(box.value) });
  box.setAttribute("aria-label", label);
  return box;
}
