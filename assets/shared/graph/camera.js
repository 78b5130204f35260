// Where one looks: pan, zoom, fit, and following the step at a scale at which numbers can be read.

const LEGEND = 42 // pixels at the bottom that the graph leaves to the legend and the tools
const READABLE = 0.92 // scale at which the numbers are read with ease
const LEAST = 0.66 // scale below which a whole graph is too small to begin with
const LARGEST = 1.3
const EDGE = 24 // free space around the graph
const GLIDE = 260 // milliseconds

class Camera {
  constructor(svg) {
    this.svg = svg
    this.area = { width: 1, height: 1 }
    this.view = null
    this.fitted = false
  }

  space() {
    const box = this.svg.getBoundingClientRect()
    return { wide: box.width || 600, high: box.height || 480, left: box.left, top: box.top }
  }

  get scale() {
    return this.space().wide / this.view.w
  }

  fitScale() {
    const { wide, high } = this.space()
    const { width, height } = this.area
    return Math.min((wide - 32) / Math.max(width, 1), (high - 24 - LEGEND) / Math.max(height, 1), LARGEST)
  }

  // the whole graph
  fit(glide = false) {
    const { wide, high } = this.space()
    const { width, height } = this.area
    const scale = this.fitScale()
    const [w, h] = [wide / scale, high / scale]
    this.fitted = true
    this.look({ x: (width - w) / 2, y: (height - h + LEGEND / scale) / 2, w, h }, glide)
  }

  // the whole graph where that can be read, otherwise the box in readable size
  begin(box) {
    if (this.fitScale() >= LEAST || !box) this.fit()
    else this.read(box, false)
  }

  read(box, glide = true) {
    const { wide, high } = this.space()
    const [w, h] = [wide / READABLE, high / READABLE]
    this.fitted = false
    const { width, height } = this.area
    this.look({
      x: this.within(box.x + box.width / 2 - w / 2, w, width, 0),
      y: this.within(box.y + box.height / 2 - h / 2 + LEGEND / 2, h, height, LEGEND / READABLE),
      w, h,
    }, glide)
  }

  // no empty space beside a graph that is larger than the window; a smaller one in the middle
  within(from, window, whole, foot) {
    const [low, high] = [-EDGE, whole + EDGE + foot - window]
    return low > high ? (low + high) / 2 : Math.min(Math.max(from, low), high)
  }

  // move just far enough that the box is seen with some room around it
  follow(box) {
    if (!box || !this.view) return
    const { x, y, w, h } = this.goal || this.view
    const room = Math.min(70, w / 8, h / 8)
    const foot = LEGEND * (w / this.space().wide)
    const shift = (low, high, from, to) => {
      if (high - low > to - from) return low - from // larger than the window: begin at its beginning
      return low < from ? low - from : high > to ? high - to : 0
    }
    const dx = shift(box.x - room, box.x + box.width + room, x, x + w)
    const dy = shift(box.y - room, box.y + box.height + room, y, y + h - foot)
    if (!dx && !dy) return
    if (this.fitted) return // everything is seen already
    this.look({ x: x + dx, y: y + dy, w, h }, true)
  }

  zoom(factor, at) {
    const { view } = this
    const x = at ? at.x : view.x + view.w / 2
    const y = at ? at.y : view.y + view.h / 2
    const most = Math.max(this.area.width, this.area.height, 400) * 6
    if (view.w * factor > most || view.w * factor < 60) return
    this.fitted = false
    this.look({ x: x - (x - view.x) * factor, y: y - (y - view.y) * factor, w: view.w * factor, h: view.h * factor })
  }

  pan(dx, dy) {
    this.fitted = false
    this.look({ ...this.view, x: this.view.x - dx, y: this.view.y - dy })
  }

  look(goal, glide = false) {
    cancelAnimationFrame(this.frame)
    this.goal = null
    const from = this.view
    if (!glide || !from || matchMedia("(prefers-reduced-motion: reduce)").matches) return this.show(goal)
    this.goal = goal
    const begun = performance.now()
    const turn = (now) => {
      const share = Math.min(1, Math.max(0, (now - begun) / GLIDE))
      const eased = share * share * (3 - 2 * share)
      const between = (key) => from[key] + (goal[key] - from[key]) * eased
      this.show({ x: between("x"), y: between("y"), w: between("w"), h: between("h") })
      if (share < 1) this.frame = requestAnimationFrame(turn)
      else this.goal = null
    }
    this.frame = requestAnimationFrame(turn)
  }

  show(view) {
    this.view = view
    this.svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`)
  }

  // the window became larger or smaller: the same middle at the same scale
  resize() {
    if (!this.view) return
    const { wide, high } = this.space()
    if (this.fitted) return this.fit()
    const scale = this.drawn ? this.drawn / this.view.w : READABLE
    const [w, h] = [wide / scale, high / scale]
    this.look({ x: this.view.x + (this.view.w - w) / 2, y: this.view.y + (this.view.h - h) / 2, w, h })
  }

  remember() {
    this.drawn = this.space().wide
  }

  place(event) {
    const { left, top, wide, high } = this.space()
    return {
      x: this.view.x + ((event.clientX - left) / wide) * this.view.w,
      y: this.view.y + ((event.clientY - top) / high) * this.view.h,
    }
  }
}
