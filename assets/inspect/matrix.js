// The confusion matrix: a grid of buttons that is built once and then only changes its texts and shades.
// data: {classes, unit, cells: [{id, text, shade, right, empty, sentence}], selected, second}: the ids of the chosen
// cell, and of another that it is contrasted with; "" for none. Tells Python the id of a cell.

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".matrix");
  const classes = data.classes;
  if (root.dataset.classes !== classes.join("|")) build(root, classes);
  root.querySelector(".unit").textContent = data.unit;

  const cells = [...root.querySelectorAll(".cell")];
  const told = root.querySelector(".told");
  const choose = (index) => {
    if (data.cells[index].empty) return; // nothing to show: what pointing at it says is all there is
    mark(cells, index);
    tell(root, told, data, index);
    setTriggerValue("cell", data.cells[index].id);
  };
  cells.forEach((cell, index) => {
    const { id, text, shade, right, empty, sentence } = data.cells[index];
    cell.textContent = text;
    cell.setAttribute("aria-label", sentence);
    cell.style.setProperty("--shade", shade);
    cell.style.setProperty("--hue", right ? "var(--right)" : "var(--wrong)");
    cell.classList.toggle("strong", shade > 0.82);
    cell.classList.toggle("empty", empty);
    cell.classList.toggle("second", id === data.second);
    cell.onclick = () => choose(index);
    cell.onmouseenter = cell.onfocus = () => tell(root, told, data, index);
    cell.onkeydown = (event) => move(event, cells, index, classes.length);
  });
  const selected = data.cells.findIndex((cell) => cell.id === data.selected);
  const rest = () => tell(root, told, data, selected);
  root.querySelector(".grid").onmouseleave = rest;
  mark(cells, selected);
  rest();
}

function build(root, classes) {
  root.dataset.classes = classes.join("|");
  root.style.setProperty("--classes", classes.length);
  root.classList.toggle("many", classes.length > 20); // no room for names and numbers: pointing tells them
  const grid = root.querySelector(".grid");
  const corner = element("div", "corner", "true class");
  const names = classes.map((name) => {
    const column = element("div", "column");
    column.append(element("span", "", name));
    return column;
  });
  const rows = classes.flatMap((name) => [
    element("div", "row", name),
    ...classes.map(() => {
      const cell = element("button", "cell");
      cell.type = "button";
      return cell;
    }),
  ]);
  grid.replaceChildren(corner, ...names, ...rows);
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

function mark(cells, selected) {
  cells.forEach((cell, index) => {
    cell.setAttribute("aria-pressed", index === selected);
    cell.tabIndex = index === Math.max(selected, 0) ? 0 : -1; // one stop for the Tab key; arrows move inside
  });
}

function tell(root, told, data, index) {
  const size = data.classes.length;
  root.querySelectorAll(".row").forEach((name, row) => {
    name.classList.toggle("lit", index >= 0 && row === Math.floor(index / size));
  });
  root.querySelectorAll(".column").forEach((name, column) => {
    name.classList.toggle("lit", index >= 0 && column === index % size);
  });
  told.textContent = index >= 0 ? data.cells[index].sentence : "Choose a cell to see its images.";
}

function move(event, cells, index, size) {
  const [row, column] = [Math.floor(index / size), index % size];
  const to = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
  }[event.key];
  if (!to || Math.min(...to) < 0 || Math.max(...to) >= size) return;
  event.preventDefault();
  cells[to[0] * size + to[1]].focus();
}
