// One output pixel from the numbers that Python sent: which inputs its window covers, the products, their sum.

const MOST_TERMS = 9; // of a sum that is written out

// What pixel (row, column) of output channel `channel` reads, and what comes of it. `place` counts its input channels.
function calculate(layer, channel, row, column) {
  const { window: sliding, input, output, kernels } = layer;
  const [sent, height, width] = input.shape;
  const [rows, columns] = [sliding.rows[row], sliding.columns[column]];
  const outside = (y, x) => y < 0 || y >= height || x < 0 || x >= width;
  const cells = rows.flatMap((y) => columns.map((x) => (outside(y, x) ? -1 : y * width + x)));
  const own = channel - layer.first;
  const value = output.values[(own * output.shape[1] + row) * output.shape[2] + column];
  const bias = kernels?.bias[own] ?? 0;
  const counted = sliding.countsPadding ? cells.length : cells.filter((at) => at >= 0).length;

  const onChannel = (place) => {
    const at = sliding.starts[channel] + place - layer.inputFirst;
    if (at < 0 || at >= sent) return undefined;
    const values = cells.map((cell) => (cell < 0 ? 0 : input.values[at * height * width + cell]));
    const weights = kernels ? weightsOf(kernels, own, place) : undefined;
    return { values, weights, products: weights?.map((weight, i) => weight * values[i]) };
  };
  const sums = [];
  if (sliding.operation === "sum")
    for (let place = 0; place < sliding.depth; place++) {
      const found = onChannel(place);
      if (!found) break; // of a very wide input the last channels are not sent
      sums.push(found.products.reduce((sum, product) => sum + product, 0));
    }
  return { rows, columns, cells, counted, value, bias, sums, onChannel };
}

function weightsOf(kernels, own, place) {
  const [, depth, height, width] = kernels.shape;
  const start = (own * depth + place) * height * width;
  return Array.from(kernels.values.subarray(start, start + height * width));
}

// How many rows and columns at the far border no window reaches.
function dropped({ window: sliding, input }) {
  const [, height, width] = input.shape;
  return {
    rows: Math.max(0, height - 1 - Math.max(...sliding.rows.flat())),
    columns: Math.max(0, width - 1 - Math.max(...sliding.columns.flat())),
  };
}

// What of the input no window reads, as a line; undefined where all is read.
function unread(layer) {
  const { rows, columns } = layer.window.unread;
  if (!rows.length && !columns.length) return undefined;
  const [, height, width] = layer.input.shape;
  const border = dropped(layer);
  const some = rows.length > border.rows || columns.length > border.columns;
  const words = `${rows.length} of ${height} rows and ${columns.length} of ${width} columns`;
  const end = border.rows || border.columns ? `, of these the last ${border.rows} and ${border.columns} at the border (marked)` : "";
  return ["never read", `${words}${some ? end : ", at the border (marked): the next window would reach beyond"}`];
}

// The pixel of a feature map that differs most from the map's mean: something happens there. Not at the border, where
// padding does it.
function outstanding({ values, shape }, own) {
  const [, height, width] = shape;
  const map = values.subarray(own * height * width, (own + 1) * height * width);
  const mean = map.reduce((sum, value) => sum + value, 0) / map.length;
  const border = (at, size) => size > 4 && (at < 2 || at >= size - 2);
  let [best, most] = [0, -1];
  map.forEach((value, at) => {
    const off = Math.abs(value - mean);
    if (off > most && !border(Math.floor(at / width), height) && !border(at % width, width)) [best, most] = [at, off];
  });
  return { row: Math.floor(best / width), column: best % width };
}

function largest(numbers) {
  return numbers.reduce((best, one, at) => (Math.abs(one) > Math.abs(numbers[best]) ? at : best), 0);
}

// The terms of a sum, the middle left out where there are many.
function written(terms, most = MOST_TERMS) {
  if (terms.length <= most) return terms.join(" + ");
  return `${terms.slice(0, most - 2).join(" + ")} + … + ${terms[terms.length - 1]}`;
}

// How the number comes about, in lines: each [what, calculation].
function explained(layer, found, place) {
  return [...calculation(layer, found, place), unread(layer)].filter(Boolean);
}

function calculation(layer, found, place) {
  const { operation, depth } = layer.window;
  const shown = found.onChannel(operation === "sum" ? place : 0);
  if (operation === "maximum") {
    const covered = shown.values.filter((_, i) => found.cells[i] >= 0).map(short);
    return [["largest", `max(${covered.slice(0, 25).join(", ")}${covered.length > 25 ? ", …" : ""}) = ${short(found.value)}`]];
  }
  if (operation === "mean") {
    const covered = shown.values.filter((_, i) => found.cells[i] >= 0 || layer.window.countsPadding).map(bracketed);
    return [["mean", `(${written(covered, 16)}) / ${found.counted} = ${short(found.value)}`]];
  }
  const total = `${short(found.value)}`;
  const bias = layer.kernels.hasBias ? ` + ${bracketed(found.bias)}` : "";
  const first = layer.window.starts[layer.shownChannel];
  if (shown && shown.products.length === 1 && depth > 1) {
    const order = found.sums.map((_, j) => j).sort((a, b) => Math.abs(found.sums[b]) - Math.abs(found.sums[a]));
    const largest = order.slice(0, MOST_TERMS).map((j) => product(found.onChannel(j), 0));
    const more = order.length > MOST_TERMS ? " + …" : "";
    return [[`${depth} products, the largest first${bias && ", and the bias"}`, `${largest.join(" + ")}${more}${bias} = ${total}`], remainder(found, depth)].filter(Boolean);
  }
  const terms = shown?.products.map((_, i) => product(shown, i)) ?? [];
  if (depth === 1) return [[`products${bias && " + bias"}`, `${written(terms)}${bias} = ${total}`]];
  return [
    [`input channel ${first + place}`, shown ? `${written(terms)} = ${short(found.sums[place])}` : "not sent to the browser"],
    [`all ${depth} channels${bias && " + bias"}`, `${written(found.sums.map(bracketed))}${bias} = ${total}`],
    remainder(found, depth),
  ].filter(Boolean);
}

function product({ values, weights }, i) {
  return `${bracketed(values[i])}·${bracketed(weights[i])}`;
}

function remainder(found, depth) {
  if (found.sums.length === depth) return undefined;
  const rest = found.value - found.bias - found.sums.reduce((sum, one) => sum + one, 0);
  return ["", `of these the last ${(depth - found.sums.length).toLocaleString("en")} channels, which are too many to show, give ${short(rest)}`];
}

// The probability of a class from the logits of all.
function softmax(logits, channel) {
  const top = Math.max(...logits);
  const shares = Array.from(logits, (logit) => Math.exp(logit - top));
  const share = shares[channel] / shares.reduce((sum, one) => sum + one, 0);
  const power = (logit) => `e^${bracketed(logit)}`;
  return ["probability (softmax)", `${power(logits[channel])} / (${written(Array.from(logits, power), 5)}) = ${short(share)}`];
}

// How a block joins its parts at one place.
function joinedText({ join, parts, first }, channel, { row, column }, out) {
  if (join === "concatenate") {
    const names = `y = [${parts.map(({ name }) => name).join(", ")}]`;
    let own = channel;
    for (const { name, channels } of parts) {
      if (own < channels) return `${names}: channel ${channel} of y is channel ${own} of ${name}, ${short(out)} as it was there`;
      own -= channels;
    }
  }
  const sign = join === "product" ? "·" : "+";
  const values = parts.map(({ values, shape: [, tall, wide] }) => {
    const at = Math.min(row, tall - 1) * wide + Math.min(column, wide - 1);
    return bracketed(values[(channel - first) * tall * wide + at]);
  });
  return `y = ${parts.map(({ name }) => name).join(` ${sign} `)}: ${values.join(` ${sign} `)} = ${short(out)}`;
}
