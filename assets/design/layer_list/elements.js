// The list of layers with its controls, in several files: what is shown comes from Python, what a person does goes to
// Python as edits. This one makes elements; all text is set as text.

const ICONS = {
  up: "M4 9l4-4 4 4",
  down: "M4 6l4 4 4-4",
  copy: "M6 6h7v7H6zM3 10V3h7",
  bin: "M3 5h10M6 5V3h4v2M5 5l.6 8h4.8L11 5",
  plus: "M8 3v10M3 8h10",
  cross: "M4 4l8 8M12 4l-8 8",
  closed: "M6 4l4 4-4 4",
  opened: "M4 6l4 4 4-4",
  grip: "M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01",
};

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

// A button with a picture; `key` finds it again after its row was drawn anew.
function iconButton(name, label, key, act) {
  const button = make("button", { className: "icon", type: "button", title: label }, icon(name));
  Object.assign(button.dataset, { label, key });
  button.setAttribute("aria-label", label);
  button.addEventListener("click", act);
  return button;
}

// The nearest ancestor that scrolls, also outside of this component's own tree.
function scrollerOf(element) {
  for (let one = element; one; one = one.parentElement ?? one.getRootNode().host) {
    if (/auto|scroll/.test(getComputedStyle(one).overflowY) && one.scrollHeight > one.clientHeight) return one;
  }
  return document.scrollingElement;
}
