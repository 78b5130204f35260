// Paints a drawing that Python has laid out: a list of SVG elements, their attributes, texts and tooltips.
// of its own width: a long network scrolls before its 12 pixels of text become less than 11, or 16 on a projector
const LEAST = { low: 0.92, tall: 1.4 }
const MOST = { low: 1.25, tall: 1.8 }
const LOWEST = 0.58 // of its own height: three branches are seen whole, and enlarged with the buttons
const HEIGHT = { low: 221, around: 282, least: 288 } // pixels for a drawing; beside an enlarged one in the window
const STEP = 1.25 // of a click or a key
const ZOOM = { least: 0.05, most: 4 }

const TOOLS = [
  ["in", "+", "Zoom in (+, or turn the wheel with Ctrl)"],
  ["out", "−", "Zoom out (−, or turn the wheel with Ctrl)"],
  ["fit", "Fit", "The whole drawing (0)"],
  ["read", "1:1", "In its own size, in which all can be read (1)"],
  ["svg", "SVG", "Download the whole drawing as SVG"],
  ["png", "PNG", "Download the whole drawing as PNG"],
]
const KEYS = { "+": "in", "=": "in", "-": "out", "−": "out", 0: "fit", 1: "read" }

export default function ({ data, parentElement }) {
  const { drawing, name, kind, tall } = data
  const size = tall ? "tall" : "low"
  const lab = parentElement.querySelector(".drawing") ?? begin(parentElement)
  lab.className = `drawing ${size}`
  const frame = lab.querySelector(".frame-of-drawing")
  if (frame.dataset.kind !== kind) {
    frame.scrollTo(0, 0) // another picture begins at its beginning
    delete frame.dataset.scale
  }
  frame.dataset.kind = kind
  const svg = make("svg", {
    viewBox: `0 0 ${drawing.width} ${drawing.height}`,
    preserveAspectRatio: "xMinYMid", // what stands before an edited layer stays where it is
    role: "img",
    "aria-label": drawing.description,
  })
  for (const { tag, attributes, text, title } of drawing.marks) {
    const element = make(tag, attributes, text || undefined)
    if (title) element.append(make("title", {}, title))
    svg.append(element)
  }
  if (frame.dataset.scale) resize(svg, drawing, size, Number(frame.dataset.scale))
  else settle(svg, drawing, size)
  const [left, top] = [frame.scrollLeft, frame.scrollTop]
  frame.replaceChildren(svg)
  frame.scrollTo(left, top)
  const zoom = (to, at) => {
    const scaled = Math.min(Math.max(to, ZOOM.least), ZOOM.most)
    const point = at ?? { x: frame.clientWidth / 2, y: frame.clientHeight / 2 }
    const [before, corner, box] = [shown(svg, drawing), svg.getBoundingClientRect(), frame.getBoundingClientRect()]
    const lower = (corner.height - drawing.height * before) / 2 // the drawing stands in the middle of its element
    const x = (point.x + box.left - corner.left) / before
    const y = (point.y + box.top - corner.top - lower) / before
    frame.dataset.scale = scaled
    resize(svg, drawing, size, scaled)
    frame.scrollTo(x * scaled - point.x, y * scaled + parseFloat(svg.style.marginTop) - point.y)
  }
  const area = { width: drawing.width, height: drawing.height }
  lab.acts = {
    in: () => zoom(shown(svg, drawing) * STEP),
    out: () => zoom(shown(svg, drawing) / STEP),
    fit: () => zoom(Math.min(frame.clientWidth / drawing.width, frame.clientHeight / drawing.height, MOST[size])),
    read: () => zoom(1),
    svg: () => saveSvg(svg, area, name),
    png: () => savePng(svg, area, name),
    wheel: (turned, at) => zoom(shown(svg, drawing) * Math.exp(-turned / 300), at),
  }
}

// as a drawing is seen at first: as high as there is room, as wide as can be read
function settle(svg, drawing, size) {
  const height = Math.min(Math.max(room(size), LOWEST * drawing.height), MOST[size] * drawing.height)
  svg.style.height = `${Math.round(height)}px`
  svg.style.marginTop = `${Math.max(0, Math.round((room(size) - height) / 2))}px`
  svg.style.minWidth = `${Math.round(drawing.width * Math.min(LEAST[size], height / drawing.height))}px`
  svg.style.maxWidth = `${Math.round(drawing.width * MOST[size])}px`
}

// pixels of height that a drawing fills
function room(size) {
  return size === "low" ? HEIGHT.low : Math.max(HEIGHT.least, innerHeight - HEIGHT.around)
}

function resize(svg, drawing, size, scale) {
  const height = drawing.height * scale
  const width = `${drawing.width * scale}px`
  Object.assign(svg.style, { width, minWidth: width, maxWidth: "none", height: `${height}px` })
  svg.style.marginTop = `${Math.max(0, Math.round((room(size) - height) / 2))}px`
}

// pixels on the screen for one of the drawing
function shown(svg, drawing) {
  const box = svg.getBoundingClientRect()
  return Math.min(box.width / drawing.width, box.height / drawing.height)
}

function begin(parent) {
  const lab = document.createElement("div")
  const frame = document.createElement("div")
  frame.className = "frame-of-drawing"
  frame.tabIndex = 0 // so that the keys scroll and zoom it
  frame.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(event.key in KEYS)) return
    event.preventDefault()
    lab.acts[KEYS[event.key]]()
  }
  const turned = (event) => {
    if (!event.ctrlKey) return // without it the wheel scrolls; pinching counts as with it
    event.preventDefault()
    const box = frame.getBoundingClientRect()
    lab.acts.wheel(event.deltaY, { x: event.clientX - box.left, y: event.clientY - box.top })
  }
  frame.addEventListener("wheel", turned, { passive: false })
  frame.onpointermove = (event) => {
    if (event.pointerType !== "mouse" || event.buttons !== 1) return // fingers scroll it anyway
    frame.setPointerCapture(event.pointerId)
    frame.scrollBy(-event.movementX, -event.movementY)
  }
  const tools = document.createElement("div")
  tools.className = "tools"
  for (const [act, word, title] of TOOLS) {
    const button = document.createElement("button")
    button.type = "button"
    button.dataset[act === "svg" || act === "png" ? "save" : "act"] = act
    button.textContent = word
    button.title = title
    button.setAttribute("aria-label", title)
    button.onclick = () => lab.acts[act]()
    tools.append(button)
  }
  lab.append(frame, tools)
  parent.append(lab)
  return lab
}
