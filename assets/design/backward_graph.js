// A network's backward graph: closed layers are boxes, open ones frames. Python places everything; what is open is
// told to Python, which sends the picture anew, and what was clicked stays where it was on the screen.

const KEYS = { "+": "in", "-": "out", 0: "fit", 1: "read", f: "full" }
const WALK = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }
const ROOM = 72 // pixels around what was opened
const HEAD = 27 // height of a frame's name
const labs = new WeakMap() // the component's root → its state, kept over reruns

class LayerBoxes extends Boxes {
  drawBehind() {
    this.frames = this.view.frames.map((frame) => this.drawFrame(frame))
  }

  drawFrame(frame) {
    const group = make("g", { class: `frame ${frame.kind}`, transform: `translate(${frame.x} ${frame.y})` })
    group.append(make("rect", { class: "body", width: frame.width, height: frame.height, rx: 9 }))
    const head = make("g", {
      class: "head", role: "button", tabindex: -1, "aria-expanded": true, "data-key": frame.key,
      "aria-label": `${frame.title}, ${frame.tag}, open`,
    })
    head.append(
      make("rect", { x: 1, y: 1, width: frame.width - 2, height: HEAD - 4, rx: 8 }),
      make("text", { class: "title", x: 11, y: 18 }, frame.title),
      make("text", { class: "tag", x: frame.width - 25, y: 17.5 }, frame.tag),
      make("path", { class: "chevron", d: `M${frame.width - 18} 11.5l4 4 4-4` }),
    )
    group.append(head)
    this.svg.append(group)
    return { group, box: frame, stop: head }
  }

  drawBox(box, index) {
    const drawn = super.drawBox(box, index)
    const { group } = drawn
    group.dataset.key = box.key
    group.setAttribute("tabindex", -1)
    group.setAttribute("aria-label", [box.title, box.tag, box.code, ...box.lines.flat()].filter(Boolean).join(", "))
    if (box.opens) {
      group.setAttribute("aria-expanded", false)
      group.querySelector(".tag").setAttribute("x", box.width - 24)
      group.append(make("path", { class: "chevron", d: `M${box.width - 16} 9l4 4-4 4` }))
    }
    if (box.colour) {
      const strip = make("rect", { class: "strip", x: 2, y: 6, width: 4, height: box.height - 12, rx: 2, fill: box.colour })
      group.append(strip)
    }
    return { ...drawn, stop: group }
  }

  drawSums() {
    for (const { x, y, count } of this.view.sums) {
      const mark = make("g", { class: "sum", transform: `translate(${x} ${y})` })
      mark.append(make("title", {}, `${count} gradients arrive on their way to the same node, and are added up`))
      mark.append(make("circle", { r: 8 }), make("path", { d: "M-4.5 0h9M0 -4.5v9" }))
      this.svg.append(mark)
    }
  }
}

class Lab {
  constructor(root) {
    this.lab = root.querySelector(".lab")
    this.svg = this.find(".picture")
    this.camera = new Camera(this.svg)
    this.tip = new Tooltip(this.find(".stage"), this.find(".tip"))
    this.card = new Card(this.find(".card"), [])
    this.chosen = ""
    this.listen()
  }

  find(selector) {
    return this.lab.querySelector(selector)
  }

  show(data, tell) {
    this.tell = tell
    const text = JSON.stringify(data)
    if (text === this.text) return
    this.text = text
    const before = this.data
    const was = before && this.parts().find((each) => each.box.key === this.moved)?.box
    const focused = this.svg.getRootNode().activeElement?.dataset?.key
    this.data = data
    this.draw()
    if (!before || before.name !== data.name || before.level !== data.level) this.camera.begin(data.boxes[0])
    else if (was) this.stay(was)
    this.moved = ""
    this.choose(this.parts().some((each) => each.box.key === this.chosen) ? this.chosen : "")
    if (focused) this.parts().find((each) => each.box.key === focused)?.stop.focus({ preventScroll: true })
  }

  draw() {
    const { data } = this
    this.picture = new LayerBoxes(this.svg, data, data.sizes)
    this.picture.drawSums()
    this.stops = this.parts().sort((a, b) => Math.min(...a.box.nodes) - Math.min(...b.box.nodes) || b.box.nodes.length - a.box.nodes.length)
    this.stops[0]?.stop.setAttribute("tabindex", 0)
    this.camera.area = data
    this.camera.remember()
    for (const button of this.lab.querySelectorAll("[data-level]")) {
      const { level } = button.dataset
      button.hidden = level === "blocks" && !data.levels.includes(level)
      button.disabled = !data.levels.includes(level)
      if (level === "nodes" && button.disabled) button.title = `More than ${data.most} nodes; open layers one by one`
      button.setAttribute("aria-pressed", level === data.level)
    }
    this.legend()
  }

  parts() {
    return [...this.picture.frames, ...this.picture.boxes]
  }

  // what was clicked keeps the middle of its upper edge where it was on the screen
  stay(was) {
    const now = this.parts().find((each) => each.box.key === was.key)?.box
    if (!now) return
    const { view } = this.camera
    const dx = now.x + now.width / 2 - was.x - was.width / 2
    this.camera.fitted = false
    this.camera.look({ ...view, x: view.x + dx, y: view.y + now.y - was.y })
    const wide = (now.width + 2 * ROOM) / view.w
    if (wide > 1) this.camera.zoom(Math.min(wide, this.camera.scale / LEAST), { x: now.x + now.width / 2, y: now.y })
    this.camera.follow(now) // all of what was opened is seen, if there is room
  }

  legend() {
    const entry = (style, text) => {
      const span = html("span")
      const mark = html("i")
      mark.style.cssText = style
      span.append(mark, document.createTextNode(text))
      return span
    }
    this.find(".legend").replaceChildren(
      entry("border: 1.5px solid var(--node)", "backward node"),
      entry("border: 1.5px solid var(--leaf)", "AccumulateGrad"),
      html("span", "", "g: shape of what arrives"),
      ...(this.data.sums.length ? [html("span", "", "⊕ added up")] : []),
      html("span", "", "┄ no gradient"),
    )
  }

  // opening, choosing

  toggle(key) {
    const toggled = new Set(this.data.toggled)
    if (!toggled.delete(key)) toggled.add(key)
    this.moved = key
    this.tell({ level: this.data.level, toggled: [...toggled] })
  }

  pick(target) {
    const key = target.closest?.("[data-key]")?.dataset.key
    if (!key) return this.choose("")
    const { box } = this.parts().find((each) => each.box.key === key)
    this.tip.hide()
    this.choose(key)
    if (box.opens) this.toggle(key)
  }

  choose(key) {
    this.chosen = key
    const chosen = this.parts().find((each) => each.box.key === key)
    for (const each of this.parts()) each.group.classList.toggle("chosen", each === chosen)
    const inside = new Set(chosen?.box.nodes)
    this.picture.edges.forEach((path, i) => {
      const { links } = this.data.edges[i]
      path.classList.toggle("lit", links.some(([start, end]) => inside.has(start) !== inside.has(end)))
    })
    const { title, subtitle, blocks } = this.data.cards[key] ?? this.data.overview
    this.card.show(title, subtitle, blocks)
  }

  act(name) {
    const chosen = this.parts().find((each) => each.box.key === this.chosen)?.box
    const acts = {
      in: () => this.camera.zoom(0.8),
      out: () => this.camera.zoom(1.25),
      fit: () => this.camera.fit(true),
      read: () => this.camera.read(chosen ?? this.data.boxes[0]),
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.lab.requestFullscreen?.()),
      svg: () => saveSvg(this.svg, this.camera.area, "backward-graph"),
      png: () => savePng(this.svg, this.camera.area, "backward-graph"),
    }
    acts[name]?.()
  }

  hover(target, x, y) {
    const key = target.closest?.("[data-key]")?.dataset.key
    const found = key && this.parts().find((each) => each.box.key === key)
    if (!found) return this.tip.hide()
    const { box } = found
    const does = { true: box.lines ? "click to open" : "click to close" }[box.opens]
    const lines = [["name", [box.title, box.tag].filter(Boolean).join(" · ")]]
    if (box.code) lines.push(["", box.code])
    if (does) lines.push(["", does])
    this.tip.show(lines, x, y)
  }

  // pointer and keys

  listen() {
    const { lab, svg } = this
    lab.addEventListener("click", (event) => {
      const control = event.target.closest("[data-act], [data-level]")
      if (control?.dataset.act) this.act(control.dataset.act)
      else if (control) this.tell({ level: control.dataset.level, toggled: [] })
      const menu = this.find(".menu")
      if (menu.open && !event.target.closest("summary")) menu.open = false
    })
    new Pointer(svg, this.camera, {
      hover: (target, x, y) => this.hover(target, x, y),
      pick: (target) => this.pick(target),
      leave: () => this.tip.hide(),
    })
    svg.addEventListener("focusin", (event) => {
      const key = event.target.closest("[data-key]")?.dataset.key
      const found = this.parts().find((each) => each.box.key === key)
      if (!found?.stop.matches(":focus-visible")) return
      const { box } = found
      this.camera.follow(box.lines ? box : { ...box, height: HEAD })
    })
    lab.addEventListener("keydown", (event) => this.key(event))
    this.watch = new ResizeObserver(() => {
      if (!this.data) return
      this.camera.resize()
      this.camera.remember()
    })
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.data) return
    const element = event.composedPath()[0]
    const key = element.closest?.("[data-key]")?.dataset.key
    if (key && (event.key === "Enter" || event.key === " ")) this.pick(element)
    else if (event.key === "Escape" && this.chosen) this.choose("")
    else if (event.key in WALK && !element.matches("button, summary, .card")) this.walk(key, WALK[event.key])
    else if (event.key in KEYS) this.act(KEYS[event.key])
    else return
    event.preventDefault()
  }

  // to the next stop in the order in which autograd runs
  walk(key, by) {
    const at = this.stops.findIndex((each) => each.box.key === key)
    const next = this.stops[at < 0 ? 0 : at + by]
    if (!next) return
    this.choose(next.box.key)
    next.stop.focus({ preventScroll: true })
  }

  open() {
    this.watch.observe(this.svg)
  }

  close() {
    this.watch.disconnect()
  }
}

export default function (component) {
  const { parentElement, data, setStateValue } = component
  const root = parentElement.querySelector(".lab")
  let lab = labs.get(root)
  if (!lab) {
    lab = new Lab(parentElement)
    labs.set(root, lab)
  }
  lab.open()
  lab.show(data, (shown) => setStateValue("shown", shown))
  return () => lab.close()
}
