// Draws the boxes and edges of a view as SVG. Places and sizes come from Python; every text is set with textContent.

const SVG = "http://www.w3.org/2000/svg"

function make(name, attributes, text) {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value)
  if (text !== undefined) element.textContent = text
  return element
}

function tint(shade) {
  if (!shade) return "transparent"
  const alpha = (0.12 + 0.45 * Math.abs(shade)).toFixed(2)
  return `rgba(var(${shade > 0 ? "--plus" : "--minus"}), ${alpha})`
}

class Boxes {
  constructor(svg, view, sizes) {
    this.svg = svg
    this.view = view
    this.sizes = sizes
    svg.replaceChildren(this.markers())
    this.drawBehind()
    this.edges = view.edges.map((edge) => {
      const path = make("path", { d: edge.curve, class: `edge ${edge.kind}` })
      if (edge.arrow !== false) path.setAttribute("marker-end", `url(#lab-arrow-${edge.kind})`)
      if (!edge.recorded) path.classList.add("unrecorded")
      svg.append(path)
      return path
    })
    this.boxes = view.boxes.map((box, i) => this.drawBox(box, i))
  }

  static structure(view) {
    const places = view.boxes.map((box) => [
      box.x, box.y, box.width, box.height, box.kind, box.title, box.tag, !box.code, box.grids.map((grid) => grid.key),
    ])
    return JSON.stringify([places, view.edges])
  }

  // what lies behind edges and boxes; here nothing
  drawBehind() {}

  markers() {
    const defs = make("defs")
    for (const kind of ["data", "next", "grad_fn", "variable", "failed", "none"]) {
      const arrow = make("marker", {
        id: `lab-arrow-${kind}`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto",
        markerUnits: "userSpaceOnUse",
      })
      arrow.append(make("path", { d: "M0 0.5 L7.5 4 L0 7.5 z", class: `arrow ${kind}` }))
      defs.append(arrow)
    }
    return defs
  }

  drawBox(box, index) {
    const { padding, line, code } = this.sizes
    const group = make("g", {
      class: `box ${box.kind}`, transform: `translate(${box.x} ${box.y})`, tabindex: 0, role: "button",
      "data-value": box.value ?? "", "data-box": index,
    })
    group.append(make("rect", { class: "body", width: box.width, height: box.height, rx: box.kind === "node" ? 14 : 7 }))
    group.append(make("text", { class: "title", x: padding, y: 18 }, box.title))
    group.append(make("text", { class: "tag", x: box.width - padding, y: 17 }, box.tag))
    const written = make("text", { class: "code", x: padding, y: 19 + code }, box.code)
    group.append(written)
    const grids = box.grids.map((grid) => this.drawGrid(group, grid))
    const lines = box.lines.map(([name, words], i) => {
      const y = box.lines_at + line * i + 11
      group.append(make("text", { class: "label", x: padding, y }, name))
      const text = make("text", { class: "attribute", x: box.width - padding, y }, words)
      group.append(text)
      return text
    })
    this.svg.append(group)
    return { group, box, grids, lines, index, written }
  }

  drawGrid(group, grid) {
    const { label, row } = this.sizes
    const { x, y } = grid
    const width = grid.columns * grid.cell
    const part = make("g", grid.key ? { class: "gradient" } : {})
    const name = make("text", { class: "label", x, y: y + 11 }, grid.label)
    const badge = make("text", { class: "badge", x: x + width, y: y + 11 })
    part.append(name, badge)
    const cells = Array.from({ length: grid.rows }, (_, i) =>
      Array.from({ length: grid.columns }, (_, j) => {
        const left = x + j * grid.cell
        const top = y + label + i * row
        const back = make("rect", { x: left, y: top, width: grid.cell, height: row, fill: "transparent" })
        const text = make("text", { class: "cell", x: left + grid.cell - 4, y: top + 13 })
        part.append(back, text)
        return { back, text }
      }),
    )
    part.append(make("rect", { class: "frame", x, y: y + label, width, height: grid.rows * row, rx: 2 }))
    for (let i = grid.block; grid.block > 0 && i < grid.rows; i += grid.block) {
      part.append(make("path", { class: "frame", d: `M${x} ${y + label + i * row}h${width}` }))
    }
    group.append(part)
    return { grid, cells, badge, part, filled: null }
  }

  // what stands in a table; nothing is touched where the same stands there already
  fill(drawn, table, badge = "") {
    const filled = JSON.stringify([table, badge])
    if (drawn.filled === filled) return
    drawn.filled = filled
    drawn.badge.textContent = badge
    drawn.cells.forEach((line, i) =>
      line.forEach((cell, j) => {
        cell.text.textContent = table ? table.cells[i]?.[j] ?? "" : i + j ? "" : drawn.grid.empty
        cell.back.style.fill = tint(table?.shades?.[i]?.[j])
      }),
    )
  }
}
