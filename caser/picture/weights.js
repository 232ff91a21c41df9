// A payload as a model: what caser/picture/payload.py packed, unpacked.

const ALIGNED = 4;

export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const about = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const model = { ...about, weights: {} };
  let at = 4 + length;
  for (const array of about.arrays) {
    model.weights[array.name] = numbers(buffer, at, array);
    at += Math.ceil(array.bytes / ALIGNED) * ALIGNED;
  }
  if (at > buffer.byteLength) throw new Error(`the weights end after ${buffer.byteLength} of ${at} bytes`);
  return withFilters(model);
}

function numbers(buffer, at, { shape, bits }) {
  const size = shape.reduce((product, side) => product * side, 1);
  if (bits === 32) return new Float32Array(buffer, at, size);
  const [rows, columns] = [shape[0], size / shape[0]];
  const scale = new Float32Array(buffer, at, rows);
  const low = new Uint16Array(buffer, at + 4 * rows, size);
  const high = bits === 20 ? new Uint8Array(buffer, at + 4 * rows + Math.ceil((2 * size) / ALIGNED) * ALIGNED) : null;
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const upper = high ? (high[i >> 1] >> (4 * (i & 1))) & 15 : 0;
    const whole = high ? ((upper << 28) >> 12) | low[i] : (low[i] << 16) >> 16; // the sign comes with the top bit
    values[i] = whole * scale[Math.floor(i / columns)];
  }
  return values;
}

// Each horizontal filter with its place among the arrays: those of height 1 first.
function withFilters(model) {
  const { L, d, n_h: perHeight, n_v: vertical } = model;
  model.filters = [];
  for (let height = 1, offset = 0; perHeight && height <= L; height++)
    for (let index = 0; index < perHeight; index++, offset += height * d)
      model.filters.push({ height, index, offset, place: (height - 1) * perHeight + index, name: `${height}${letters(index)}` });
  model.blends = Array.from({ length: vertical }, (_, index) => ({ index, name: `V${index + 1}` }));
  model.features = vertical * d + model.filters.length;
  model.width = (model.features ? d : 0) + (model.weights.users ? d : 0); // of a row of the output table
  return model;
}

// Columns of a spreadsheet: a, b, ..., z, aa, ab, ...
export function letters(index) {
  const before = Math.floor(index / 26);
  return (before ? letters(before - 1) : "") + String.fromCharCode(97 + (index % 26));
}
