// Paints a drawing that Python has laid out: a list of SVG elements, their attributes, texts and tooltips.
const LEAST = 0.85 // of its own width: a long network scrolls before it becomes unreadable
const MOST = { low: 1.25, tall: 1.8 }
const LOWEST = 0.58 // of its own height: three branches are seen whole, and enlarged with the button
const ROOM = { low: 218, tall: 560 } // pixels of height that a drawing fills

export default function ({ data, parentElement }) {
  const { drawing, name, kind, tall } = data
  const size = tall ? "tall" : "low"
  const lab = parentElement.querySelector(".drawing") ?? begin(parentElement)
  lab.className = `drawing ${size}`
  const frame = lab.querySelector(".frame-of-drawing")
  if (frame.dataset.kind !== kind) frame.scrollTo(0, 0) // another picture begins at its beginning
  frame.dataset.kind = kind
  const svg = make("svg", {
    viewBox: `0 0 ${drawing.width} ${drawing.height}`,
    preserveAspectRatio: "xMinYMid", // what stands before an edited layer stays where it is
    role: "img",
    "aria-label": drawing.description,
  })
  const height = Math.min(Math.max(ROOM[size], LOWEST * drawing.height), MOST[size] * drawing.height)
  svg.style.height = `${Math.round(height)}px`
  svg.style.marginTop = `${Math.max(0, Math.round((ROOM[size] - height) / 2))}px`
  svg.style.minWidth = `${Math.round(drawing.width * Math.min(LEAST, height / drawing.height))}px`
  svg.style.maxWidth = `${Math.round(drawing.width * MOST[size])}px`
  for (const { tag, attributes, text, title } of drawing.marks) {
    const element = make(tag, attributes, text || undefined)
    if (title) element.append(make("title", {}, title))
    svg.append(element)
  }
  const [left, top] = [frame.scrollLeft, frame.scrollTop]
  frame.replaceChildren(svg)
  frame.scrollTo(left, top)
  const area = { width: drawing.width, height: drawing.height }
  lab.querySelector("[data-save=svg]").onclick = () => saveSvg(svg, area, name)
  lab.querySelector("[data-save=png]").onclick = () => savePng(svg, area, name)
}

function begin(parent) {
  const lab = document.createElement("div")
  const frame = document.createElement("div")
  frame.className = "frame-of-drawing"
  frame.tabIndex = 0 // so that the arrow keys scroll it
  const tools = document.createElement("div")
  tools.className = "tools"
  for (const format of ["svg", "png"]) {
    const button = document.createElement("button")
    button.type = "button"
    button.dataset.save = format
    button.textContent = format.toUpperCase()
    button.title = `Download the whole drawing as ${format.toUpperCase()}`
    tools.append(button)
  }
  lab.append(frame, tools)
  parent.append(lab)
  return lab
}
