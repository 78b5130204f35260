// What the pointer is over, in words: a box, or the gradient in it with its checks.

class Tooltip {
  constructor(stage, element) {
    this.stage = stage
    this.element = element
  }

  show(lines, x, y) {
    const { element } = this
    element.replaceChildren(...lines.map(([className, text]) => html("p", className, text)))
    element.hidden = false
    const space = this.stage.getBoundingClientRect()
    const own = element.getBoundingClientRect()
    const left = Math.min(x - space.left + 14, space.width - own.width - 6)
    const below = y - space.top + 16
    const top = below + own.height > space.height - 6 ? y - space.top - own.height - 10 : below
    element.style.left = `${Math.max(4, left)}px`
    element.style.top = `${Math.max(4, top)}px`
  }

  hide() {
    this.element.hidden = true
  }
}
