// The graph of a program and its steps. Positions, texts and steps come from Python, all at once; a step changes
// only classes and texts here. Every text is set with textContent.

const SVG = "http://www.w3.org/2000/svg"
const PLAY = "M3 4v12l7-6zM10 4v12l7-6z"
const PAUSE = "M5 4h4v12H5zM11 4h4v12h-4z"
const LEGEND = 42 // pixels at the bottom that the graph leaves to the legend and the tools
const labs = new WeakMap() // the component's root → its state, kept over reruns

function make(name, attributes, text) {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value)
  if (text !== undefined) element.textContent = text
  return element
}

function html(name, className, text) {
  const element = document.createElement(name)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

function tint(shade) {
  if (!shade) return "transparent"
  const alpha = (0.12 + 0.45 * Math.abs(shade)).toFixed(2)
  return `rgba(var(${shade > 0 ? "--plus" : "--minus"}), ${alpha})`
}

class Lab {
  constructor(root) {
    this.root = root
    this.lab = root.querySelector(".lab")
    this.svg = root.querySelector(".picture")
    this.card = root.querySelector(".card")
    this.film = root.querySelector(".film")
    this.step = 0
    this.timer = null
    this.chosen = null
    this.listen()
  }

  show(data) {
    const text = JSON.stringify(data)
    if (text === this.text) return
    const same = this.data && JSON.stringify(this.data.structure) === JSON.stringify(data.structure)
      && this.data.steps.length === data.steps.length
    this.text = text
    this.data = data
    this.stop()
    this.chosen = null
    this.draw()
    this.film.max = data.steps.length - 1
    this.fillLegend()
    if (!same) {
      this.view = null
      this.fit()
    } else {
      this.look()
    }
    this.go(same ? this.step : data.steps.length - 1)
  }

  // the picture

  draw() {
    const { data, svg } = this
    svg.replaceChildren()
    const defs = make("defs")
    const arrow = make("marker", {
      id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto",
      markerUnits: "userSpaceOnUse",
    })
    arrow.append(make("path", { d: "M0 0.5 L7.5 4 L0 7.5 z", class: "arrow" }))
    defs.append(arrow)
    svg.append(defs)
    this.edges = data.edges.map((edge) => {
      const path = make("path", { d: edge.curve, class: "edge", "marker-end": "url(#arrow)" })
      if (!edge.recorded) path.classList.add("unrecorded")
      svg.append(path)
      return path
    })
    this.boxes = data.boxes.map((box) => this.drawBox(box))
  }

  drawBox(box) {
    const { padding, label, row } = this.data
    const { head } = box
    const group = make("g", {
      class: `box ${box.kind}`, transform: `translate(${box.x} ${box.y})`, tabindex: 0, role: "button",
      "data-value": box.value, "aria-label": `${box.title}, ${box.tag}`,
    })
    group.append(make("rect", { class: "body", width: box.width, height: box.height, rx: 7 }))
    group.append(make("text", { class: "title", x: padding, y: 18 }, box.title))
    group.append(make("text", { class: "tag", x: box.width - padding, y: 17 }, box.tag))
    if (box.text) group.append(make("text", { class: "code", x: padding, y: 32 }, box.text))
    const columns = Math.max(...box.cells.map((cells) => cells.length))
    const width = columns * box.cell_width
    const height = box.cells.length * row
    const parts = { group, box }
    const both = box.kind !== "constant"
    const total = both && !box.stacked ? 2 * width + 12 : width
    const left = (box.width - total) / 2
    parts.value = this.drawGrid(group, box, left, head, columns, "value")
    this.fillGrid(parts.value, box.cells, [])
    if (both) {
      const x = box.stacked ? left : left + width + 12
      const y = box.stacked ? head + label + height : head
      parts.gradient = this.drawGrid(group, box, x, y, columns, "grad")
    }
    const tip = make("title", {}, box.text ? `${box.title} = ${box.text}` : box.title)
    group.append(tip)
    group.addEventListener("click", () => this.choose(parts))
    this.svg.append(group)
    return parts
  }

  drawGrid(group, box, x, y, columns, word) {
    const { label, row } = this.data
    const width = columns * box.cell_width
    const name = make("text", { class: "label", x, y: y + 11 }, word)
    const badge = make("text", { class: "badge", x: x + width, y: y + 11 })
    group.append(name, badge)
    const cells = box.cells.map((_, i) =>
      Array.from({ length: columns }, (_, j) => {
        const left = x + j * box.cell_width
        const top = y + label + i * row
        const back = make("rect", { x: left, y: top, width: box.cell_width, height: row, fill: "transparent" })
        const text = make("text", { class: "cell", x: left + box.cell_width - 5, y: top + 13 })
        group.append(back, text)
        return { back, text }
      }),
    )
    group.append(make("rect", {
      class: "frame", x, y: y + label, width, height: box.cells.length * row, rx: 2,
    }))
    for (let i = box.block; box.block > 0 && i < box.cells.length; i += box.block) {
      group.append(make("path", { class: "frame", d: `M${x} ${y + label + i * row}h${width}` }))
    }
    return { cells, badge }
  }

  fillGrid(grid, texts, shades, badge = "") {
    grid.badge.textContent = badge
    grid.cells.forEach((line, i) =>
      line.forEach((cell, j) => {
        const single = texts.length === 1 && texts[0].length === 1 && texts[0][0] === "—"
        cell.text.textContent = single ? "—" : texts[i]?.[j] ?? ""
        cell.back.style.fill = tint(shades[i]?.[j])
      }),
    )
  }

  // stepping

  go(step) {
    const { steps } = this.data
    this.step = Math.max(0, Math.min(step, steps.length - 1))
    const shown = new Set()
    const gradients = new Map()
    for (const each of steps.slice(0, this.step + 1)) {
      each.show.forEach((number) => shown.add(number))
      each.set.forEach((change) => gradients.set(change.box, change))
    }
    const now = steps[this.step]
    for (const parts of this.boxes) {
      const { value } = parts.box
      parts.group.classList.toggle("hidden", !shown.has(value))
      parts.group.classList.toggle("focus", now.focus === value && this.step > 0)
      if (!parts.gradient) continue
      const gradient = gradients.get(value)
      this.fillGrid(parts.gradient, gradient?.cells ?? [["—"]], gradient?.shades ?? [], gradient?.badge ?? "")
      parts.now = gradient
    }
    const lit = new Set(now.edges)
    this.edges.forEach((path, i) => {
      path.classList.toggle("hidden", !shown.has(this.data.edges[i].end))
      path.classList.toggle("lit", lit.has(i))
    })
    this.film.value = this.step
    this.root.querySelector(".count").textContent = `${this.step} / ${steps.length - 1}`
    this.choose(null)
    this.button("first").disabled = this.button("back").disabled = this.step === 0
    this.button("last").disabled = this.button("next").disabled = this.step === steps.length - 1
    this.button("backward").disabled = !steps.some((each) => each.phase === "seed")
  }

  button(act) {
    return this.root.querySelector(`[data-act="${act}"]`)
  }

  play() {
    if (this.timer) return this.stop()
    if (this.step === this.data.steps.length - 1) this.go(0)
    const tick = () => {
      this.go(this.step + 1)
      if (this.step === this.data.steps.length - 1) return this.stop()
      this.timer = setTimeout(tick, Number(this.root.querySelector(".speed select").value))
    }
    this.timer = setTimeout(tick, 250)
    this.playing(true)
  }

  stop() {
    clearTimeout(this.timer)
    this.timer = null
    this.playing(false)
  }

  playing(on) {
    this.button("play").setAttribute("aria-label", on ? "Pause" : "Play")
    this.button("play").querySelector("path").setAttribute("d", on ? PAUSE : PLAY)
  }

  act(name) {
    const { steps } = this.data
    if (name !== "play" && !["in", "out", "fit"].includes(name)) this.stop()
    if (name === "first") this.go(0)
    if (name === "back") this.go(this.step - 1)
    if (name === "next") this.go(this.step + 1)
    if (name === "last") this.go(steps.length - 1)
    if (name === "play") this.play()
    if (name === "in") this.zoom(0.8)
    if (name === "out") this.zoom(1.25)
    if (name === "fit") this.fit()
    if (name === "backward") {
      const later = steps.findIndex((each, i) => i > this.step && each.phase === "seed")
      this.go(later >= 0 ? later : steps.findIndex((each) => each.phase === "seed"))
    }
  }

  // the card

  choose(parts) {
    for (const each of this.boxes) each.group.classList.toggle("chosen", each === parts)
    this.chosen = parts
    const step = this.data.steps[this.step]
    const content = [html("h4", "", step.title)]
    if (parts) {
      const { box } = parts
      content[0].textContent = box.title
      content.push(html("p", "sub", [box.text, box.tag].filter(Boolean).join(" · ")))
      const items = [{ label: "value", cells: box.cells }]
      if (parts.gradient) items.push({ label: "gradient", cells: parts.now?.cells ?? [["—"]], shades: parts.now?.shades })
      content.push(this.equation(items))
      for (const block of this.data.about[box.value]) content.push(this.block(block))
    } else {
      const where = step.line ? `line ${step.line} · ` : ""
      content.push(html("p", "sub", where + step.subtitle))
      for (const block of step.card) content.push(this.block(block))
    }
    this.card.replaceChildren(...content)
    this.card.scrollTop = 0
  }

  block(block) {
    if (block.kind === "equation") return this.equation(block.items)
    if (block.kind === "check") {
      const line = html("p", block.good ? "check" : "check bad")
      line.append(html("b", "", block.good ? "✓" : "✗"), document.createTextNode(block.text))
      return line
    }
    return html("p", block.kind === "formula" ? "formula" : "", block.text)
  }

  equation(items) {
    const line = html("div", "equation")
    for (const item of items) {
      if (item.sign) {
        line.append(html("span", "sign", item.sign))
        continue
      }
      const figure = html("figure")
      const caption = html("figcaption", "", item.label)
      caption.title = item.label
      const table = html("table")
      item.cells.forEach((cells, i) => {
        const row = html("tr")
        cells.forEach((text, j) => {
          const cell = html("td", "", text)
          cell.style.background = tint(item.shades?.[i]?.[j])
          row.append(cell)
        })
        table.append(row)
      })
      figure.append(caption, table)
      line.append(figure)
    }
    return line
  }

  fillLegend() {
    const legend = this.root.querySelector(".legend")
    const entry = (color, text) => {
      const span = html("span")
      const mark = html("i")
      mark.style.background = color
      span.append(mark, document.createTextNode(text))
      return span
    }
    legend.replaceChildren(
      entry("rgba(var(--plus), .57)", "gradient > 0"),
      entry("rgba(var(--minus), .57)", "gradient < 0"),
      entry("var(--leaf)", "leaf"),
      html("span", "", "— no gradient yet"),
    )
  }

  // pan and zoom

  fit() {
    const { width, height } = this.data
    const space = this.svg.getBoundingClientRect()
    const [wide, high] = [space.width || 600, space.height || 480]
    // never larger than 1.3 times the natural size
    const scale = Math.min((wide - 32) / Math.max(width, 1), (high - 24 - LEGEND) / Math.max(height, 1), 1.3)
    const [w, h] = [wide / scale, high / scale]
    this.view = { x: (width - w) / 2, y: (height - h + LEGEND / scale) / 2, w, h }
    this.fitted = true
    this.look()
  }

  zoom(factor, at) {
    const { view } = this
    const x = at ? at.x : view.x + view.w / 2
    const y = at ? at.y : view.y + view.h / 2
    this.view = {
      x: x - (x - view.x) * factor, y: y - (y - view.y) * factor, w: view.w * factor, h: view.h * factor,
    }
    this.fitted = false
    this.look()
  }

  look() {
    const { x, y, w, h } = this.view
    this.svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`)
  }

  place(event) {
    const space = this.svg.getBoundingClientRect()
    return {
      x: this.view.x + ((event.clientX - space.left) / space.width) * this.view.w,
      y: this.view.y + ((event.clientY - space.top) / space.height) * this.view.h,
    }
  }

  listen() {
    const { lab, svg } = this
    lab.addEventListener("click", (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act
      if (act) this.act(act)
    })
    this.film.addEventListener("input", () => {
      this.stop()
      this.go(Number(this.film.value))
    })
    let held = null
    svg.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return
      held = { at: this.place(event), moved: false }
    })
    svg.addEventListener("pointermove", (event) => {
      if (!held) return
      const now = this.place(event)
      const [dx, dy] = [now.x - held.at.x, now.y - held.at.y]
      if (!held.moved && Math.hypot(dx, dy) < 4) return
      if (!held.moved) svg.setPointerCapture(event.pointerId)
      held.moved = true
      svg.classList.add("held")
      this.view.x -= dx
      this.view.y -= dy
      this.fitted = false
      this.look()
    })
    const release = () => {
      held = null
      svg.classList.remove("held")
    }
    svg.addEventListener("pointerup", release)
    svg.addEventListener("pointercancel", release)
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return // plain scrolling stays with the page
      event.preventDefault()
      this.zoom(event.deltaY > 0 ? 1.15 : 0.87, this.place(event))
    }, { passive: false })
    this.onKey = (event) => {
      const path = event.composedPath()
      const inside = path.includes(lab)
      // the arrow keys work as soon as nothing else wants them
      if (!inside && !document.activeElement?.matches("body, a, button:not([role]), summary")) return
      if (event.ctrlKey || event.metaKey || event.altKey || !this.data) return
      const element = path[0]
      if (element === this.film || element.tagName === "SELECT") return
      if (event.key === "Enter" || event.key === " ") {
        const box = element.closest?.(".box")
        if (box) this.choose(this.boxes.find((parts) => parts.group === box))
        else if (event.key === " " && inside && element.tagName !== "BUTTON") this.act("play")
        else return
        event.preventDefault()
        return
      }
      const acts = {
        ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last", "+": "in", "-": "out", 0: "fit",
      }
      if (!(event.key in acts) || (!inside && !event.key.startsWith("Arrow"))) return
      event.preventDefault()
      this.act(acts[event.key])
    }
    this.watch = new ResizeObserver(() => {
      if (this.data && this.fitted) this.fit()
    })
    this.open()
  }

  open() {
    document.addEventListener("keydown", this.onKey) // twice the same listener counts once
    this.watch.observe(this.svg)
  }

  close() {
    this.stop()
    document.removeEventListener("keydown", this.onKey)
    this.watch.disconnect()
  }
}

export default function (component) {
  const { parentElement, data } = component
  const root = parentElement.querySelector(".lab")
  let lab = labs.get(root)
  if (!lab) {
    lab = new Lab(parentElement)
    labs.set(root, lab)
  }
  lab.open()
  lab.show(data)
  return () => lab.close()
}
