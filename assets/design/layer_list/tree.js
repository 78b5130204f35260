// The layers as a tree, and what Python is going to do to it: done here at once, so that the next click meets the
// layer that it is meant for. A place is [index], in a block [index, branch, index], and so on inwards.

let lastId = 0;

function sequenceAt(layers, place) {
  let sequence = layers;
  for (let i = 0; i + 2 < place.length; i += 2) sequence = sequence[place[i]]?.branches?.[place[i + 1]] ?? [];
  return sequence;
}

const isBlock = (layer) => layer.branches !== undefined;
const samePlace = (a, b) => a.length === b.length && a.every((n, i) => n === b[i]);
const within = (place, block) => place.length > block.length && block.every((n, i) => n === place[i]);

// Where `to` is once the layer at `from` is taken out.
function afterTaking(from, to) {
  const depth = from.length - 1;
  const behind = to.length > depth && from.slice(0, depth).every((n, i) => n === to[i]) && to[depth] > from[depth];
  return behind ? to.map((n, i) => (i === depth ? n - 1 : n)) : to;
}

// A layer as Python sends it, with what the catalogue says of its kind.
function described(layer) {
  const { fields, ...kind } = CATALOGUE.kinds[layer.kind];
  const known = { ...kind, ...layer, fields: fields.map((field) => ({ ...field, value: layer.values[field.name] })) };
  if (layer.branches) known.branches = layer.branches.map((branch) => branch.map(described));
  return known;
}

// A layer of which Python has said nothing yet.
function unknown({ kind, branches }) {
  const { colour, fewest, most } = CATALOGUE.kinds[kind];
  const layer = { name: "…", kind, explanation: "", colour, enabled: true, fields: [], warnings: [] };
  if (branches) {
    Object.assign(layer, { equation: "", points: [], fewest, most });
    layer.branches = branches.map((branch) => branch.map(unknown));
  }
  return identify(layer);
}

function identify(layer) {
  layer.id = ++lastId;
  layer.branches?.flat().forEach(identify);
  return layer;
}

const EDITS = {
  insert: (list, i, edit, fresh) => list.splice(i, 0, ...structuredClone(fresh)),
  duplicate: (list, i, edit, fresh) => list.splice(i + 1, 0, ...structuredClone(fresh)),
  remove: (list, i) => list.splice(i, 1),
  enable: (list, i, { value }) => (list[i].enabled = value),
  set: (list, i, { field, value }) => {
    const one = list[i].fields.find(({ name }) => name === field);
    if (one) one.value = value;
  },
  add_branch: (list, i) => list[i].branches.push([]),
  remove_branch: (list, i, { branch }) => list[i].branches.splice(branch, 1),
};

// `fresh` are the layers that the edit brings; they keep their ids however often it is anticipated.
function anticipate(layers, edit, fresh) {
  const { op, place } = edit;
  if (op === "move") {
    const [moved] = sequenceAt(layers, place).splice(place.at(-1), 1);
    const to = afterTaking(place, edit.to);
    if (moved) sequenceAt(layers, to).splice(to.at(-1), 0, moved);
  } else if (EDITS[op]) {
    const sequence = sequenceAt(layers, place);
    if (op === "insert" || sequence[place.at(-1)]) EDITS[op](sequence, place.at(-1), edit, fresh);
  }
}

// The layers that Python sends get the numbers by which this browser knows them, so that their rows stay what they are.
function recognise(before, after) {
  const pair = (old, fresh) => {
    fresh.id = old.id;
    fresh.branches?.forEach((branch, i) => recognise(old.branches?.[i] ?? [], branch));
  };
  const alike = before.length === after.length && after.every((layer, i) => layer.kind === before[i].kind);
  let start = 0;
  let end = 0;
  if (!alike) {
    const shortest = Math.min(before.length, after.length);
    const [old, fresh] = [before.map(description), after.map(description)];
    while (start < shortest && old[start] === fresh[start]) start++;
    while (end < shortest - start && old.at(-1 - end) === fresh.at(-1 - end)) end++;
  }
  if (alike) after.forEach((layer, i) => pair(before[i], layer));
  else {
    for (let i = 0; i < start; i++) pair(before[i], after[i]);
    for (let i = 1; i <= end; i++) pair(before.at(-i), after.at(-i));
    const left = before.slice(start, before.length - end);
    for (const layer of after.slice(start, after.length - end)) {
      const found = left.findIndex((old) => old.kind === layer.kind);
      if (found >= 0) pair(left.splice(0, found + 1)[found], layer);
      else identify(layer);
    }
  }
  return alike;
}

function description({ kind, fields, branches }) {
  return JSON.stringify([kind, fields.map(({ value }) => value), branches?.map((one) => one.map(description))]);
}

// The rows in which the tree is shown: layers, the labels of branches, and the spot behind a branch's last layer.
function itemsOf(layers, isClosed, before = [], depth = 0, items = []) {
  layers.forEach((layer, index) => {
    const place = [...before, index];
    items.push({ type: "layer", key: `${layer.id}`, layer, place, depth });
    if (!isBlock(layer) || isClosed(layer)) return;
    layer.branches.forEach((branch, number) => {
      const inner = [...place, number];
      const key = `${layer.id}/${number}`;
      if (layer.most > 1) items.push({ type: "branch", key: `${key} label`, layer, place, branch: number, depth: depth + 1 });
      itemsOf(branch, isClosed, inner, depth + 1, items);
      const end = [...inner, branch.length];
      items.push({ type: "slot", key: `${key} end`, layer, place: end, branch: number, depth: depth + 1 });
    });
  });
  return items;
}

const countLayers = (layers) =>
  layers.reduce((sum, { branches }) => sum + 1 + (branches ? countLayers(branches.flat()) : 0), 0);
