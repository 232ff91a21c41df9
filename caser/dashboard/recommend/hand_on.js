// What the browser hands on by itself: the address as it is now, and the drawings as PNG.
const { download, png } = __saving;

export default function ({ data, parentElement }) {
  parentElement.querySelector(".hand-on").replaceChildren(copyLink(), ...data.drawings.map(drawing));
}

function made(tag, attributes, ...inside) {
  const node = Object.assign(document.createElement(tag), attributes);
  node.append(...inside);
  return node;
}

function copyLink() {
  const button = made("button", { type: "button", className: "link" }, "Copy link");
  const answer = made("span", { role: "status" });
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      answer.textContent = "Copied";
      setTimeout(() => (answer.textContent = ""), 2000);
    } catch { // no clipboard: not asked for over https, or not allowed
      const address = made("input", { readOnly: true, value: location.href });
      address.setAttribute("aria-label", "The link, to copy");
      answer.replaceChildren(address);
      address.select();
    }
  };
  return made("div", {}, button, answer);
}

function drawing({ name, svg, file }) {
  const image = made("img", { alt: "", src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}` });
  return made("button", { type: "button", className: "drawing", onclick: async () => download(await png(svg, 1), file) }, image, name);
}
