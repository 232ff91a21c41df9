// The picture in a file of its own.
import { Address } from "./address.js";
import { Picture } from "./picture.js";
import { unpack } from "./weights.js";

const source = document.documentElement.outerHTML; // before anything is drawn
const text = (id) => document.getElementById(id).textContent;
const root = document.getElementById("picture");
try {
  const bytes = Uint8Array.from(atob(text("weights")), (letter) => letter.charCodeAt(0));
  new Picture(root, unpack(bytes.buffer), JSON.parse(text("data")), { address: new Address(true), page: async () => source });
} catch (error) {
  root.textContent = `The weights in this file could not be read (${error.message}). Make it again with \`python -m caser picture\`.`;
}
