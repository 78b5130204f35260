// The graph of a program and its steps. Everything comes from Python at once; a step changes only classes and texts.

const PLAY = "M3 4v12l7-6zM10 4v12l7-6z"
const PAUSE = "M5 4h4v12H5zM11 4h4v12h-4z"
const STEPPING = ["first", "back", "next", "last", "backward"]
const KEYS = {
  ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last", "+": "in", "-": "out", 0: "fit", 1: "read", f: "full",
}
const labs = new WeakMap() // the component's root → its state, kept over reruns

class Lab {
  constructor(root) {
    this.lab = root.querySelector(".lab")
    this.svg = this.find(".picture")
    this.film = this.find(".film")
    this.camera = new Camera(this.svg)
    this.tip = new Tooltip(this.find(".stage"), this.find(".tip"))
    this.name = "math"
    this.step = 0
    this.timer = null
    this.listing = false
    this.listen()
  }

  find(selector) {
    return this.lab.querySelector(selector)
  }

  button(act) {
    return this.find(`[data-act="${act}"]`)
  }

  show(data, torchviz) {
    this.tell = torchviz
    const text = JSON.stringify(data)
    if (text === this.text) return
    const steps = this.data?.steps.length
    const atEnd = steps === undefined || this.step === steps - 1
    const structure = Boxes.structure(data.views[this.name])
    const same = structure === this.structure && (steps === data.steps.length || data.steps.length > this.step)
    this.text = text
    this.data = data
    this.stop()
    this.film.max = data.steps.length - 1
    this.card = new Card(this.find(".card"), data.tables)
    if (!same) this.draw()
    else this.refill()
    if (!same) this.step = data.steps.length - 1
    else if (atEnd) this.step = data.steps.length - 1
    if (!same) this.camera.begin(this.focused())
    this.go(this.step, false)
    this.describe()
  }

  // the picture

  draw() {
    const view = this.data.views[this.name]
    this.structure = Boxes.structure(view)
    this.picture = new Boxes(this.svg, view, this.data.sizes)
    this.camera.area = view
    this.camera.remember()
    this.fillLegend()
  }

  // the same boxes at the same places, with other numbers
  refill() {
    const view = this.data.views[this.name]
    this.picture.view = view
    this.picture.boxes.forEach((drawn, i) => {
      drawn.box = view.boxes[i]
      drawn.written.textContent = drawn.box.code
      drawn.grids.forEach((grid, j) => (grid.grid = drawn.box.grids[j]))
      drawn.lines.forEach((line, j) => (line.textContent = drawn.box.lines[j][1]))
    })
  }

  turnTo(name) {
    this.tell(name === "torchviz")
    this.lab.classList.toggle("short", name === "torchviz")
    for (const each of this.lab.querySelectorAll("[data-view]")) {
      each.setAttribute("aria-pressed", each.dataset.view === name)
    }
    const drawn = name === "torchviz" ? "pytorch" : name
    if (drawn === this.name) return
    // the same value stays chosen, the same scale where something was looked at closely
    const value = this.chosen?.box.value
    const { fitted } = this.camera
    this.name = drawn
    this.draw()
    if (fitted) this.camera.begin(this.focused())
    else this.camera.read(this.focused() || this.picture.boxes[0].box, false)
    this.go(this.step, false)
    const again = value === undefined || value === null ? null : this.picture.boxes.find((b) => b.box.value === value)
    if (again) this.choose(again)
  }

  focused() {
    const { focus } = this.data.steps[this.step]?.[this.name] ?? {}
    const drawn = this.picture.boxes[focus ?? -1]
    return drawn ? this.withNode(drawn) : null
  }

  // the place of a tensor together with the node beside it
  withNode({ box, index }) {
    const { edges, boxes } = this.picture.view
    const pair = edges.find((e) => ["grad_fn", "variable"].includes(e.kind) && (e.start === index || e.end === index))
    if (!pair) return box
    const other = boxes[pair.start === index ? pair.end : pair.start]
    if (Math.abs(other.y - box.y) > box.height) return box
    const [x, y] = [Math.min(box.x, other.x), Math.min(box.y, other.y)]
    const [right, bottom] = [Math.max(box.x + box.width, other.x + other.width), Math.max(box.y + box.height, other.y + other.height)]
    return { x, y, width: right - x, height: bottom - y }
  }

  // stepping

  go(step, follow = true) {
    const { steps, tables } = this.data
    this.step = Math.max(0, Math.min(step, steps.length - 1))
    const shown = new Set()
    this.set = new Map()
    for (const each of steps.slice(0, this.step + 1)) {
      each.show.forEach((number) => shown.add(number))
      each.set.forEach((change) => this.set.set(change.key, change))
    }
    const now = steps[this.step][this.name]
    for (const drawn of this.picture.boxes) {
      drawn.group.classList.toggle("hidden", !shown.has(drawn.box.appears))
      drawn.group.classList.toggle("focus", now.focus === drawn.index && this.step > 0)
      for (const part of drawn.grids) {
        const change = this.set.get(part.grid.key)
        const number = part.grid.key ? change?.table : part.grid.table
        this.picture.fill(part, tables[number] ?? null, change?.badge)
      }
      drawn.group.setAttribute("aria-label", this.words(drawn))
    }
    const lit = new Set(now.edges)
    this.picture.edges.forEach((path, i) => {
      const { start, end } = this.picture.view.edges[i]
      const hidden = [start, end].some((box) => !shown.has(this.picture.view.boxes[box].appears))
      path.classList.toggle("hidden", hidden)
      path.classList.toggle("lit", lit.has(i))
    })
    this.film.value = this.step
    this.film.setAttribute("aria-valuetext", `${this.step}: ${steps[this.step].title}`)
    this.find(".count").textContent = `${this.step} / ${steps.length - 1}`
    this.choose(null)
    this.tip.hide()
    this.button("first").disabled = this.button("back").disabled = this.step === 0
    this.button("last").disabled = this.button("next").disabled = this.step === steps.length - 1
    this.button("backward").disabled = !steps.some((each) => each.phase === "seed")
    if (follow) this.camera.follow(this.focused())
  }

  // a box in words, for those who hear it
  words({ box, grids }) {
    const contents = grids.map((part) => {
      const number = part.grid.key ? this.set.get(part.grid.key)?.table : part.grid.table
      const cells = this.data.tables[number]?.cells
      return `${part.grid.label} ${cells ? cells.map((row) => row.join(" ")).join("; ") : "none yet"}`
    })
    return [box.title, box.tag, ...contents].filter(Boolean).join(", ")
  }

  describe() {
    const { steps, views } = this.data
    const words = `Graph of the program: ${views.math.boxes.length} values, ${steps.length - 1} steps. Arrow keys step.`
    this.lab.setAttribute("aria-label", words)
  }

  play() {
    if (this.timer) return this.stop()
    if (this.step === this.data.steps.length - 1) this.go(0)
    const tick = () => {
      this.go(this.step + 1)
      if (this.step === this.data.steps.length - 1) return this.stop()
      this.timer = setTimeout(tick, Number(this.find(".speed select").value))
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
    if (STEPPING.includes(name)) this.stop()
    const acts = {
      first: () => this.go(0),
      back: () => this.go(this.step - 1),
      next: () => this.go(this.step + 1),
      last: () => this.go(steps.length - 1),
      play: () => this.play(),
      in: () => this.camera.zoom(0.8),
      out: () => this.camera.zoom(1.25),
      fit: () => this.camera.fit(true),
      read: () => this.camera.read((this.chosen && this.withNode(this.chosen)) || this.focused() || this.picture.boxes.at(-1)?.box || this.camera.area),
      full: () => this.fullScreen(),
      svg: () => saveSvg(this.svg, this.camera.area, "autograd"),
      png: () => savePng(this.svg, this.camera.area, "autograd"),
      list: () => this.list(!this.listing),
      backward: () => {
        const later = steps.findIndex((each, i) => i > this.step && each.phase === "seed")
        this.go(later >= 0 ? later : steps.findIndex((each) => each.phase === "seed"))
      },
    }
    acts[name]?.()
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen()
    else this.lab.requestFullscreen?.()
  }

  list(on) {
    this.listing = on
    this.button("list").setAttribute("aria-pressed", on)
    this.choose(null)
  }

  // the card

  choose(drawn) {
    for (const each of this.picture.boxes) each.group.classList.toggle("chosen", each === drawn)
    this.chosen = drawn
    const step = this.data.steps[this.step]
    if (drawn) {
      const { box } = drawn
      const items = drawn.grids.map(({ grid }) => ({
        label: grid.label, table: (grid.key ? this.set.get(grid.key)?.table : grid.table) ?? 0,
      }))
      const tables = items.length ? [{ kind: "equation", items }] : []
      const blocks = box.kind === "failed" ? step.card : this.data.about[box.about]
      this.card.show(box.title, [box.code, box.tag].filter(Boolean).join(" · "), [...tables, ...blocks])
    } else if (this.listing) {
      this.card.list(this.data.steps, this.step, (i) => {
        this.stop()
        this.go(i)
      })
    } else {
      const where = step.line ? `line ${step.line} · ` : ""
      this.card.show(step.title, where + step.subtitle, step.card)
    }
  }

  hover(target, x, y) {
    const group = target.closest?.(".box")
    const drawn = group && this.picture.boxes[Number(group.dataset.box)]
    if (!drawn) return this.tip.hide()
    const part = drawn.grids.find((each) => each.part.contains(target) && each.grid.key)
    const { box } = drawn
    const about = this.data.about[box.about] ?? []
    if (!part) {
      const words = about.filter((block) => block.kind === "text").slice(0, 1)
      return this.tip.show([["name", box.code ? `${box.title} = ${box.code}` : box.title], ...words.map((b) => ["", b.text])], x, y)
    }
    const change = this.set.get(part.grid.key)
    if (change?.table === undefined || change.table === null) {
      return this.tip.show([["name", `${part.grid.label} of ${box.title}`], ["", "no gradient yet"]], x, y)
    }
    const checks = box.value === null ? [] : about.filter((block) => block.kind === "check")
    const lines = checks.map((block) => [block.good ? "good" : "bad", block.text])
    this.tip.show([["name", `${part.grid.label} of ${box.title}${change.badge ? ` (${change.badge})` : ""}`], ...lines], x, y)
  }

  fillLegend() {
    const entry = (color, text) => {
      const span = html("span")
      const mark = html("i")
      mark.style.background = color
      span.append(mark, document.createTextNode(text))
      return span
    }
    this.find(".legend").replaceChildren(
      entry("rgba(var(--plus), .57)", "gradient > 0"),
      entry("rgba(var(--minus), .57)", "gradient < 0"),
      entry("var(--leaf)", "leaf"),
      ...(this.name === "math" ? [html("span", "", "— no gradient yet")] : [entry("var(--node)", "backward node")]),
    )
  }

  // pointer and keys

  listen() {
    const { lab, svg } = this
    lab.addEventListener("click", (event) => {
      const control = event.target.closest("[data-act], [data-view]")
      if (control?.dataset.act) this.act(control.dataset.act)
      else if (control) this.turnTo(control.dataset.view)
      const menu = this.find(".menu")
      if (menu.open && !event.target.closest("summary")) menu.open = false
    })
    this.film.addEventListener("input", () => {
      this.stop()
      this.go(Number(this.film.value))
    })
    new Pointer(svg, this.camera, {
      hover: (target, x, y) => this.hover(target, x, y),
      pick: (target) => this.pick(target),
      leave: () => this.tip.hide(),
    })
    svg.addEventListener("dblclick", (event) => {
      const drawn = this.at(event.target)
      if (drawn) this.camera.read(drawn.box)
    })
    svg.addEventListener("focusin", (event) => {
      const drawn = this.at(event.target)
      if (drawn && drawn.group.matches(":focus-visible")) this.camera.follow(drawn.box)
    })
    this.onKey = (event) => this.key(event)
    this.watch = new ResizeObserver(() => {
      if (!this.data) return
      this.camera.resize()
      this.camera.remember()
    })
  }

  at(target) {
    const group = target.closest?.(".box")
    return group ? this.picture.boxes[Number(group.dataset.box)] : null
  }

  pick(target) {
    const drawn = this.at(target)
    if (drawn || this.chosen) this.choose(drawn)
  }

  key(event) {
    const path = event.composedPath()
    const inside = path.includes(this.lab)
    // the arrow keys work as soon as nothing else wants them
    if (!inside && !document.activeElement?.matches("body, a, button:not([role]), summary")) return
    if (event.ctrlKey || event.metaKey || event.altKey || !this.data) return
    const element = path[0]
    if (element === this.film || element.tagName === "SELECT") return
    if (event.key === "Enter" || event.key === " ") {
      const drawn = this.at(element)
      if (drawn) this.choose(drawn)
      else if (event.key === " " && inside && !["BUTTON", "SUMMARY"].includes(element.tagName)) this.act("play")
      else return
      event.preventDefault()
      return
    }
    if (event.key === "Escape" && inside && this.chosen) return this.choose(null)
    if (!(event.key in KEYS) || (!inside && !event.key.startsWith("Arrow"))) return
    event.preventDefault()
    this.act(KEYS[event.key])
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
  const { parentElement, data, setStateValue } = component
  const root = parentElement.querySelector(".lab")
  let lab = labs.get(root)
  if (!lab) {
    lab = new Lab(parentElement)
    labs.set(root, lab)
  }
  lab.open()
  lab.show(data, (on) => {
    if (on === Boolean(lab.told)) return
    lab.told = on
    setStateValue("torchviz", on)
  })
  return () => lab.close()
}
