// Numbers to be changed by hand: a slider for a scalar, a small grid with one slider for a matrix or vector.
// While someone drags, the numbers go to Python a few times a second; Python's echo never overwrites them.

const PAUSE = 90 // milliseconds between two messages

function html(name, className, text) {
  const element = document.createElement(name)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

function short(number) {
  return String(Number(number.toPrecision(4)))
}

class Leaves {
  constructor(root) {
    this.root = root
  }

  update(data, setStateValue) {
    this.send = setStateValue
    const text = JSON.stringify([data.generation, data.leaves.map(({ now, ...rest }) => rest)])
    if (text === this.text) return
    this.text = text
    this.generation = data.generation
    this.numbers = {}
    clearTimeout(this.timer)
    this.timer = null
    this.waiting = false
    this.root.replaceChildren(...data.leaves.map((leaf) => this.draw(leaf)))
  }

  draw(leaf) {
    this.numbers[leaf.name] = structuredClone(leaf.now)
    return leaf.shape.length ? this.drawGrid(leaf) : this.drawScalar(leaf)
  }

  slider(leaf, label) {
    const slider = html("input")
    slider.type = "range"
    slider.step = leaf.whole ? 1 : leaf.reach / 500
    slider.setAttribute("aria-label", label)
    return slider
  }

  move(slider, leaf, number) {
    // a number that was typed may lie beyond the slider's usual reach
    const reach = Math.max(leaf.reach, Math.abs(number))
    slider.min = -reach
    slider.max = reach
    slider.value = number
  }

  field(leaf, label) {
    const field = html("input")
    field.type = "number"
    field.step = leaf.whole ? 1 : "any"
    field.setAttribute("aria-label", label)
    field.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return
      event.preventDefault()
      const by = (event.key === "ArrowUp" ? 1 : -1) * (leaf.whole ? 1 : 0.1)
      field.value = short((Number(field.value) || 0) + by)
      field.dispatchEvent(new Event("input"))
    })
    return field
  }

  drawScalar(leaf) {
    const line = html("div", "leaf scalar")
    const slider = this.slider(leaf, leaf.name)
    const field = this.field(leaf, `${leaf.name}, number`)
    const set = (number, from) => {
      if (from !== slider) this.move(slider, leaf, number)
      if (from !== field) field.value = short(number)
      field.classList.toggle("changed", number !== leaf.numbers)
      this.numbers[leaf.name] = number
      if (from) this.tell()
    }
    slider.addEventListener("input", () => set(Number(short(Number(slider.value))), slider))
    field.addEventListener("input", () => this.typed(field, leaf, (number) => set(number, field)))
    line.append(html("span", "name", leaf.name), slider, field)
    set(leaf.now)
    return line
  }

  drawGrid(leaf) {
    const block = html("div", "leaf")
    const name = html("div", "name", leaf.name)
    name.append(html("small", "", leaf.shape.join("×")))
    const table = html("table")
    const chosen = html("div", "chosen")
    const label = html("span", "name")
    const slider = this.slider(leaf, `${leaf.name}, chosen element`)
    chosen.append(label, slider)
    const rows = leaf.shape.length > 1 ? leaf.numbers : [leaf.numbers]
    let current = null
    rows.forEach((row, i) => {
      const line = html("tr")
      row.forEach((original, j) => {
        const place = leaf.shape.length > 1 ? `${leaf.name}[${i}, ${j}]` : `${leaf.name}[${j}]`
        const field = this.field(leaf, place)
        const store = leaf.shape.length > 1 ? this.numbers[leaf.name][i] : this.numbers[leaf.name]
        const set = (number, from) => {
          if (from !== field) field.value = short(number)
          field.classList.toggle("changed", number !== original)
          store[j] = number
          if (from !== slider && current?.field === field) this.move(slider, leaf, number)
          if (from) this.tell()
        }
        const choose = () => {
          current = { field, set }
          label.textContent = place
          this.move(slider, leaf, store[j])
        }
        field.addEventListener("focus", choose)
        field.addEventListener("input", () => this.typed(field, leaf, (number) => set(number, field)))
        set(store[j])
        if (i === 0 && j === 0) choose()
        const cell = html("td")
        cell.append(field)
        line.append(cell)
      })
      table.append(line)
    })
    slider.addEventListener("input", () => current.set(Number(short(Number(slider.value))), slider))
    block.append(name, table, chosen)
    return block
  }

  typed(field, leaf, set) {
    const number = Number(field.value)
    if (field.value !== "" && Number.isFinite(number) && (!leaf.whole || Number.isInteger(number))) set(number)
  }

  // at once, then no more often than the pause allows
  tell() {
    this.waiting = true
    if (this.timer) return
    const next = () => {
      this.timer = null
      if (!this.waiting) return
      this.waiting = false
      this.send("given", { generation: this.generation, numbers: structuredClone(this.numbers) })
      this.timer = setTimeout(next, PAUSE)
    }
    next()
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".leaves")
  parentElement.leaves ??= new Leaves(root)
  parentElement.leaves.root = root
  parentElement.leaves.update(data, setStateValue)
}
