// One image, and a lens of 7×7 of its pixels with their numbers, raw or normalised; the pointer moves the lens, a click
// holds it, arrow keys move it.
// data: {image, raw, normalised, channels}; both are {shape: [C, H, W], values}.

const SIDE = 7;
const HINT = "Point at a pixel, or click and use the arrow keys.";

export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(name);
  const raw = unpack(data.raw);
  const normalised = unpack(data.normalised);
  const [channels, height, width] = raw.shape;
  const picture = find(".picture");
  const state = (parentElement.pixels ??= { row: Math.floor(height / 2), column: Math.floor(width / 2), held: false });
  state.row = Math.min(state.row, height - 1);
  state.column = Math.min(state.column, width - 1);
  find(".picture img").src = data.image;
  const lens = find(".lens");
  if (lens.children.length !== SIDE * SIDE) {
    lens.style.gridTemplateColumns = `repeat(${SIDE}, 1fr)`;
    for (let at = 0; at < SIDE * SIDE; at++) lens.append(document.createElement("div"));
  }
  const at = (row, column, channel) => (channel * height + row) * width + column;
  const half = (SIDE - 1) / 2;

  const draw = () => {
    const scaled = find(".scaled").checked;
    const top = clamp(state.row - half, 0, Math.max(0, height - SIDE));
    const left = clamp(state.column - half, 0, Math.max(0, width - SIDE));
    [...lens.children].forEach((cell, place) => {
      const [row, column] = [top + Math.floor(place / SIDE), left + (place % SIDE)];
      const inside = row < height && column < width;
      const middle = row === state.row && column === state.column;
      cell.className = middle ? "cell middle" : "cell";
      cell.textContent = "";
      if (!inside) return;
      const levels = [0, 1, 2].map((k) => raw.values[at(row, column, Math.min(k, channels - 1))]);
      const light = 0.299 * levels[0] + 0.587 * levels[1] + 0.114 * levels[2];
      cell.style.background = `rgb(${levels.join(",")})`;
      cell.style.color = light > 120 ? "#000" : "#fff";
      const numbers = Array.from({ length: channels }, (_, k) =>
        scaled ? short(normalised.values[at(row, column, k)]) : String(raw.values[at(row, column, k)]),
      );
      cell.textContent = channels > 1 ? numbers[0] : numbers.join(" "); // of colours the first; all are told below
    });
    const frame = find(".frame");
    frame.style.left = `${(100 * left) / width}%`;
    frame.style.top = `${(100 * top) / height}%`;
    frame.style.width = `${(100 * SIDE) / width}%`;
    frame.style.height = `${(100 * SIDE) / height}%`;
    const told = data.channels.map((name, k) => {
      const place = at(state.row, state.column, k);
      return `${name ? `${name} ` : ""}${raw.values[place]} → ${exact(normalised.values[place])}`;
    });
    find(".told").textContent = `Row ${state.row}, column ${state.column}: ${told.join("; ")}. ${state.held ? "Held; click again to let go." : HINT}`;
  };
  const move = (row, column) => {
    state.row = clamp(row, 0, height - 1);
    state.column = clamp(column, 0, width - 1);
    draw();
  };
  const point = (event) => {
    const box = picture.getBoundingClientRect();
    move(Math.floor(((event.clientY - box.top) / box.height) * height), Math.floor(((event.clientX - box.left) / box.width) * width));
  };
  picture.onpointermove = (event) => state.held || point(event);
  picture.onclick = (event) => {
    state.held = !state.held;
    point(event);
  };
  picture.onkeydown = (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    state.held = true;
    move(state.row + step[0], state.column + step[1]);
  };
  parentElement.querySelectorAll("input").forEach((input) => (input.onchange = draw));
  draw();
}

function clamp(value, low, high) {
  return Math.max(low, Math.min(high, value));
}
