// The probabilities of one image as bars. data: [{name, length, colour, text, strong, title}], one for each class.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".bars");
  while (root.children.length < data.length) root.append(bar());
  while (root.children.length > data.length) root.lastChild.remove();
  data.forEach(({ name, length, colour, text, strong, title }, place) => {
    const row = root.children[place];
    const [label, track, value] = row.children;
    row.classList.toggle("strong", strong);
    label.textContent = name;
    value.textContent = text;
    track.firstChild.style.width = `${100 * length}%`;
    track.firstChild.style.background = colour;
    for (const part of row.children) part.title = title;
  });
}

function bar() {
  const row = div("bar");
  const track = div("track");
  track.append(div("length"));
  row.append(div("name"), track, div("text"));
  return row;
}

function div(name) {
  const made = document.createElement("div");
  made.className = name;
  return made;
}
