// The probabilities of one image as bars. data: [{name, length, colour, text, strong, title, before}], one for each
// class; `before`, where there is one, is {length, text}: the same class of the image as it was, a thin bar below.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".bars");
  while (root.children.length < data.length) root.append(bar());
  while (root.children.length > data.length) root.lastChild.remove();
  data.forEach(({ name, length, colour, text, strong, title, before }, place) => {
    const row = root.children[place];
    const [label, track, value] = row.children;
    row.classList.toggle("strong", strong);
    label.textContent = name;
    value.textContent = before ? `${text} (${before.text})` : text;
    track.children[1].hidden = !before;
    track.children[1].style.width = `${100 * (before?.length ?? 0)}%`;
    track.firstChild.style.width = `${100 * length}%`;
    track.firstChild.style.background = colour;
    for (const part of row.children) part.title = title;
  });
}

function bar() {
  const row = div("bar");
  const track = div("track");
  track.append(div("length"), div("before"));
  row.append(div("name"), track, div("text"));
  return row;
}

function div(name) {
  const made = document.createElement("div");
  made.className = name;
  return made;
}
