// The stops of the moving picture: what each lights, and its sentence of at most 20 words.
import { plain, signed } from "./dom.js";
import { strongest } from "./scene.js";

export const SECONDS = 3;

export function stops(model, scene, shown) {
  const { words, d } = model;
  const { parts, flow } = scene;
  const rows = model.server ? "" : ` Each is a row of ${d} learnt numbers.`;
  const made = [{ part: "films", say: `The last ${shown.count} ${words.films}, oldest first.${rows}` }];
  if (model.server) made.push({ part: "join", say: `${model.label} ${model.summary}.` });
  if (shown.filter) made.push(...sliding(model, flow, shown.filter));
  if (shown.blend) made.push({ part: "vertical", say: `Blend ${shown.blend.name} adds all ${words.films} up, with one weight per place. It is the same for everybody.` });
  if (model.features) {
    const joins = model.weights.users ? ` A vector for the ${words.viewer} joins them.` : "";
    made.push({ part: "join", say: `What all filters say is mixed into ${d} hidden numbers.${joins}` });
  }
  made.push({ part: "list", say: `Every ${words.film} gets a score. This one has ${signed(scene.score)}, rank ${scene.rank.toLocaleString("en")}.` });
  const adds = [["blends", parts.vertical, model.n_v], ["patterns", parts.horizontal, model.n_h], [`who is ${words.watching}`, parts.user, model.weights.users]]
    .filter(([, , has]) => has).map(([name, value]) => `${name} ${signed(value)}`);
  if (model.server && shown.count) made.push({ part: "arrows", say: `An arrow's width is what the score loses without that ${words.film}.` });
  if (!model.server && adds.length) made.push({ part: "arrows", say: `An arrow's width is what it adds to that score: ${adds.join(", ")}.` });
  return made;
}

function sliding(model, flow, filter) {
  const { words } = model;
  const responses = flow.responses[filter.place];
  const kept = flow.kept[filter.place];
  const answer = responses[kept];
  const over = filter.height === 1 ? `each ${words.film}` : `${filter.height} ${words.films} at a time`;
  const where = span(words, kept, filter.height);
  return [
    { part: "slide", say: `Pattern ${filter.name} slides over ${over} and measures how well it matches.` },
    { part: "kept", say: answer > 0
      ? `It hands on its best match, ${plain(answer)} at ${where}. It does not say where that was.`
      : `Its best match, ${plain(answer)}, is not above zero. So it hands on nothing.` },
  ];
}

export const span = (words, first, height) =>
  height === 1 ? `${words.film} ${first + 1}` : `${words.films} ${first + 1}–${first + height}`;

// The filters to show first: a pattern over two or three films, and a blend; those that add most.
export function spotlight(model, parts) {
  const several = model.filters.filter(({ height }) => height === 2 || height === 3);
  const among = several.length ? several : model.filters;
  const filter = among[strongest(among.map(({ place }) => parts.filters[place]))] ?? null;
  return { filter, blend: model.blends[strongest(parts.blends)] ?? null };
}
