// The card beside a graph: sentences, formulas, pairs, equations of tables, checks; and the list of all steps.

function html(name, className, text) {
  const element = document.createElement(name)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

class Card {
  constructor(place, tables) {
    this.place = place
    this.tables = tables
  }

  show(title, subtitle, blocks) {
    this.place.replaceChildren(html("h4", "", title), html("p", "sub", subtitle), ...blocks.map((b) => this.block(b)))
    this.place.scrollTop = 0
  }

  block(block) {
    if (block.kind === "equation") return this.equation(block.items)
    if (block.kind === "pairs") return this.pairs(block.items)
    if (block.kind === "check") {
      const line = html("p", block.good ? "check" : "check bad")
      line.append(html("b", "", block.good ? "✓" : "✗"), document.createTextNode(block.text))
      return line
    }
    return html("p", block.kind === "text" ? "" : block.kind, block.text)
  }

  pairs(items) {
    const list = html("dl", "pairs")
    for (const [name, words] of items) list.append(html("dt", "", name), html("dd", "", words))
    return list
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
      figure.append(caption, this.table(this.tables[item.table]))
      line.append(figure)
    }
    return line
  }

  table(content) {
    const table = html("table")
    content.cells.forEach((cells, i) => {
      const row = html("tr")
      cells.forEach((text, j) => {
        const cell = html("td", "", text)
        cell.style.background = tint(content.shades?.[i]?.[j])
        row.append(cell)
      })
      table.append(row)
    })
    return table
  }

  // all steps as a list; a click goes there
  list(steps, now, go) {
    const list = html("ol", "steps")
    list.start = 0
    steps.forEach((step, i) => {
      const entry = html("li")
      const button = html("button", step.phase, step.title)
      button.type = "button"
      if (i === now) button.setAttribute("aria-current", "step")
      button.append(html("small", "", step.subtitle))
      button.addEventListener("click", () => go(i))
      entry.append(button)
      list.append(entry)
    })
    this.place.replaceChildren(html("h4", "", "All steps"), list)
    list.querySelector("[aria-current]")?.scrollIntoView({ block: "center" })
  }
}
