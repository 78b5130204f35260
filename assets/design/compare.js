// A table that Python has worked out: columns, and rows of cells with how each row stands to the other design.
function element(tag, text, name) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (name) made.className = name;
  return made;
}

export default function ({ data, parentElement }) {
  const table = element("table");
  table.append(element("caption", data.caption));
  const head = element("tr");
  for (const { title, number } of data.columns) {
    const cell = element("th", title, number ? "number" : "");
    cell.scope = "col";
    head.append(cell);
  }
  const top = element("thead");
  top.append(head);
  const body = element("tbody");
  for (const { state, depth, cells } of data.rows) {
    const row = element("tr", "", state);
    cells.forEach((text, i) => {
      const cell = element("td", text, data.columns[i].number ? "number" : "");
      if (data.columns[i].indented && text) cell.style.paddingLeft = `${8 + 14 * depth}px`;
      row.append(cell);
    });
    body.append(row);
  }
  table.append(top, body);
  const frame = element("div", "", "frame");
  frame.append(table);
  const old = parentElement.querySelector(".frame");
  if (old) old.replaceWith(frame);
  else parentElement.append(frame);
}
