// Several attribution maps side by side, each over its image: one opacity for all, and one pixel pointed at in all.
// data: {tiles: [{title, note, under, grey, map, scores, gradient, low, high, bins, why}], width, height, tile, columns,
// opacity, plain}; a tile without a map says `why`; one without `why` and map is the image itself. `bins` are shares of 0–1.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".maps");
  const grid = root.querySelector(".grid");
  root.classList.toggle("plain", data.plain);
  grid.style.setProperty("--tile", `${data.tile}px`);
  grid.style.setProperty("--columns", data.columns);
  grid.style.setProperty("--aspect", `${data.width} / ${data.height}`);
  while (grid.children.length < data.tiles.length) grid.append(made());
  while (grid.children.length > data.tiles.length) grid.lastChild.remove();
  const tiles = [...grid.children];
  tiles.forEach((tile, place) => fill(tile, data.tiles[place]));

  root.querySelector("label").hidden = root.querySelector(".percent").hidden = !data.tiles.some((tile) => tile.map);
  const slider = root.querySelector("input");
  if (slider.dataset.begun === undefined) slider.value = slider.dataset.begun = data.opacity;
  slider.oninput = () => {
    grid.querySelectorAll(".map").forEach((map) => (map.style.opacity = slider.value / 100));
    root.querySelector(".percent").textContent = `${slider.value} %`;
  };
  slider.oninput();

  const told = root.querySelector(".told");
  const rest = () => {
    grid.querySelectorAll(".cursor").forEach((cursor) => (cursor.style.display = "none"));
    tiles.forEach((tile, place) => (tile.querySelector(".note").textContent = data.tiles[place].note));
    told.textContent = "Point at a pixel to read its values.";
  };
  tiles.forEach((tile, index) => {
    const picture = tile.querySelector(".picture");
    picture.onmousemove = (event) => {
      const box = picture.getBoundingClientRect();
      const column = at(event.clientX - box.left, box.width, data.width);
      const row = at(event.clientY - box.top, box.height, data.height);
      const place = row * data.width + column;
      tiles.forEach((other, which) => point(other, data.tiles[which], place, row, column, data));
      told.textContent = `Row ${row}, column ${column}: grey ${data.tiles[index].grey[place]} here`;
    };
    picture.onmouseleave = rest;
  });
  rest();
}

function made() {
  const tile = element("tile");
  const picture = element("picture");
  for (const name of ["under", "map"]) {
    const image = document.createElement("img");
    image.className = name;
    picture.append(image);
  }
  picture.append(element("cursor"), element("why"));
  const ends = element("ends");
  ends.append(element("low"), element("high"));
  tile.append(element("title"), picture, element("histogram"), element("scale"), ends, element("note"));
  return tile;
}

function fill(tile, { title, under, map, gradient, low, high, bins, why }) {
  const find = (name) => tile.querySelector(`.${name}`);
  find("title").textContent = find("title").title = title;
  find("under").src = under;
  find("under").alt = "The image";
  if (map) find("map").src = map;
  find("map").alt = `Attribution map: ${title}`;
  find("why").textContent = why ?? "";
  find("why").hidden = !why;
  for (const name of ["map", "histogram", "scale", "ends"]) find(name).hidden = !map;
  find("scale").style.background = gradient ?? "";
  find("low").textContent = low ?? "";
  find("high").textContent = high ?? "";
  find("histogram").title = "How many pixels have which score, along the colour scale below (square root)";
  find("histogram").replaceChildren(
    ...(bins ?? []).map((share) => {
      const bar = document.createElement("i");
      bar.style.height = `${100 * share}%`;
      return bar;
    }),
  );
}

function point(tile, { scores, note }, place, row, column, { width, height }) {
  const cursor = tile.querySelector(".cursor");
  cursor.style.display = "block";
  cursor.style.left = `${(100 * column) / width}%`;
  cursor.style.top = `${(100 * row) / height}%`;
  cursor.style.width = `${100 / width}%`;
  cursor.style.height = `${100 / height}%`;
  tile.querySelector(".note").textContent = scores ? `score ${scores[place].toPrecision(3)}` : note;
}

function at(offset, length, size) {
  return Math.max(0, Math.min(size - 1, Math.floor((offset / length) * size)));
}

function element(name) {
  const part = document.createElement("div");
  part.className = name;
  return part;
}
