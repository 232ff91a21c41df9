// Numbers as colours: teal above zero, orange below, stronger for larger ones.
import { element } from "./dom.js";

const ABOVE = [21, 154, 140], BELOW = [214, 90, 58];

const strength = (value, scale) => 0.06 + 0.84 * (scale ? Math.min(Math.abs(value) / scale, 1) : 0);

export const shade = (value, scale) => `rgba(${value < 0 ? BELOW : ABOVE},${strength(value, scale).toFixed(3)})`;

export const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

// A canvas of one pixel per number, stretched by the page; painted when it is put in.
export function strip(pixels, className = "strip") {
  const { width, height } = pixels;
  const canvas = element("canvas", { class: className, "aria-hidden": "true", width, height }); // as painted: a change clears it
  canvas.pixels = pixels;
  return canvas;
}

export function colours(rows, scale = largest(rows.map(largest))) {
  const [height, width] = [rows.length, rows[0]?.length ?? 1];
  const pixels = new ImageData(width, height);
  rows.forEach((row, y) => row.forEach((value, x) => pixels.data.set([...(value < 0 ? BELOW : ABOVE), 255 * strength(value, scale)], 4 * (y * width + x))));
  return pixels;
}

// One bar for each number, up or down from the middle.
export function bars(values, scale = largest(values)) {
  const made = element("span", { class: "bars", "aria-hidden": "true" });
  made.append(...values.map((value) => {
    const height = scale ? (50 * Math.abs(value)) / scale : 0;
    return element("span", { class: "bar", style: `--size:${height.toFixed(1)}%;--from:${value < 0 ? 50 : 50 - height}%` });
  }));
  return made;
}
