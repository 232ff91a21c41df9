// The picture on a page of the app: weights fetched once, changes said to the page around it.
import { Address } from "./address.js";
import { Picture } from "./picture.js";
import { unpack } from "./weights.js";

const models = new Map(); // by address: what a tab has fetched
const pictures = new WeakMap();

export function mount({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".picture-place");
  const settled = (values) => setTriggerValue("changed", JSON.stringify(values));
  const kept = pictures.get(root);
  const url = data.weights ?? data.model.name;
  if (kept?.url === url) {
    kept.host.settled = settled;
    kept.latest = data;
    kept.picture?.update(data);
    return;
  }
  kept?.picture?.remove();
  const entry = { url, latest: data, host: { settled, page: data.weights && (() => textOf(`${data.weights}.html`)), address: new Address(false, data.private ? ["edits"] : []) } };
  pictures.set(root, entry);
  if (!data.weights) return begin(root, entry, served(data.model));
  if (!models.has(data.weights)) models.set(data.weights, load(data.weights));
  models.get(data.weights).then((model) => begin(root, entry, model)).catch((error) => {
    models.delete(data.weights);
    pictures.delete(root);
    root.textContent = `The weights could not be loaded (${error.message}). Reload the page to try again.`;
  });
}

function begin(root, entry, model) {
  if (pictures.get(root) === entry) entry.picture = new Picture(root, { ...model }, entry.latest, entry.host);
}

// A model that the server computes: only the films it speaks of are known here.
const served = (model) => ({ ...model, server: true, filters: [], blends: [], items: new Map(Object.entries(model.ids).map(([item, id]) => [String(id), Number(item)])) });

async function answer(url) {
  const answered = await fetch(new URL(url, document.baseURI));
  if (!answered.ok) throw new Error(`the server answered ${answered.status}`);
  return answered;
}

const load = async (url) => unpack(await (await answer(url)).arrayBuffer());

const textOf = async (url) => (await answer(url)).text();
