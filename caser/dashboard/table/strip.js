// Numbers around zero as shades of two hues, one canvas pixel each.

function strip({ rows, shades, said }, hues) {
  const values = Int8Array.from(atob(shades), (sign) => sign.charCodeAt(0));
  const canvas = element("canvas"), context = canvas.getContext("2d");
  canvas.width = values.length / rows;
  canvas.height = rows;
  canvas.style.width = `${Math.max(12, Math.min(96, 4 * canvas.width))}px`;
  canvas.style.height = `${Math.max(8, 5 * rows)}px`;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", said);
  const picture = context.createImageData(canvas.width, rows);
  const [above, below] = [hues.positive, hues.negative].map(
    (hue) => [1, 3, 5].map((at) => parseInt(hue.slice(at, at + 2), 16)));
  values.forEach((value, at) => picture.data.set([...(value < 0 ? below : above), 2 * Math.abs(value)], 4 * at));
  context.putImageData(picture, 0, 0);
  return canvas;
}
