// The graph as a file: its SVG with the styles written into it, or a PNG drawn from that.

const DRAWN = [
  "fill", "fill-opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity",
  "font-family", "font-size", "font-weight", "text-anchor",
]
const MARGIN = 16
const [SIDE, AREA] = [32_000, 200_000_000] // pixels of the largest canvas that Chrome, Firefox and Safari all draw

// the whole graph as a document of its own, in the colours that it has now
function standalone(svg, area) {
  const copy = svg.cloneNode(true)
  const originals = svg.querySelectorAll("*")
  copy.querySelectorAll("*").forEach((element, i) => {
    const style = getComputedStyle(originals[i])
    element.setAttribute("style", DRAWN.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"))
    for (const name of ["tabindex", "role", "class", "aria-label", "data-value", "data-box"]) element.removeAttribute(name)
  })
  const [width, height] = [area.width + 2 * MARGIN, area.height + 2 * MARGIN]
  const background = getComputedStyle(svg).getPropertyValue("--st-background-color") || "#ffffff"
  copy.prepend(make("rect", { x: -MARGIN, y: -MARGIN, width, height, fill: background.trim() }))
  for (const name of [...copy.getAttributeNames()]) copy.removeAttribute(name)
  copy.setAttribute("xmlns", SVG)
  copy.setAttribute("viewBox", `${-MARGIN} ${-MARGIN} ${width} ${height}`)
  copy.setAttribute("width", width)
  copy.setAttribute("height", height)
  return { text: new XMLSerializer().serializeToString(copy), width, height }
}

function save(blob, name) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}

function saveSvg(svg, area, name) {
  save(new Blob([standalone(svg, area).text], { type: "image/svg+xml" }), `${name}.svg`)
}

async function savePng(svg, area, name) {
  const { text, width, height } = standalone(svg, area)
  const image = new Image()
  image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }))
  await image.decode()
  // twice the size for sharp numbers, within what a canvas can hold
  const scale = Math.min(2, SIDE / width, SIDE / height, Math.sqrt(AREA / (width * height)))
  const canvas = document.createElement("canvas")
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height)
  URL.revokeObjectURL(image.src)
  canvas.toBlob((blob) => blob && save(blob, `${name}.png`), "image/png")
}
