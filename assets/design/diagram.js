// Paints a drawing that Python has laid out: a list of SVG elements, their attributes, texts and tooltips.
const SVG = "http://www.w3.org/2000/svg";

export default function ({ data, parentElement }) {
  let frame = parentElement.querySelector(".frame");
  if (!frame) {
    frame = document.createElement("div");
    frame.className = "frame";
    parentElement.append(frame);
  }
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${data.width} ${data.height}`);
  svg.setAttribute("preserveAspectRatio", "xMinYMid"); // what stands before an edited layer stays where it is
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", data.description);
  svg.style.minWidth = `${Math.round(data.width * 0.75)}px`; // a long network scrolls before it becomes unreadable
  svg.style.maxWidth = `${Math.round(data.width * 1.25)}px`;
  for (const { tag, attributes, text, title } of data.marks) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    if (title) {
      const tooltip = document.createElementNS(SVG, "title");
      tooltip.textContent = title;
      element.append(tooltip);
    }
    svg.append(element);
  }
  frame.replaceChildren(svg);
}
