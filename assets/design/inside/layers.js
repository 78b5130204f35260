// The list of layers: a small picture, the name and the shape of each; arrow keys walk through it.

class Layers {
  constructor(choose) {
    this.choose = choose;
    this.element = make("div", { className: "layers" });
    this.element.setAttribute("role", "listbox");
    this.element.setAttribute("aria-label", "Layers");
    this.element.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const rows = [...this.element.children];
      const next = rows[rows.indexOf(event.target) + by];
      if (!by || !next) return;
      event.preventDefault();
      next.focus();
      next.click();
    });
  }

  draw(layers, chosen) {
    while (this.element.children.length < layers.length) this.element.append(this.makeRow());
    while (this.element.children.length > layers.length) this.element.lastChild.remove();
    layers.forEach((layer, index) => {
      const row = this.element.children[index];
      const [picture, name, kind, shape] = row.children;
      row.dataset.name = layer.name;
      row.style.setProperty("--depth", layer.depth);
      if (picture.src !== layer.preview) picture.src = layer.preview;
      picture.className = layer.flat ? "flat" : "";
      name.textContent = layer.label;
      name.title = layer.name;
      kind.textContent = layer.kind;
      shape.textContent = layer.shape;
    });
    this.mark(chosen);
  }

  makeRow() {
    const names = ["b", "span", "span"].map((tag) => make(tag));
    names[1].className = "kind";
    names[2].className = "shape";
    const row = make("button", { type: "button", className: "layer" }, make("img", { alt: "" }), ...names);
    row.setAttribute("role", "option");
    row.addEventListener("click", () => {
      this.mark(row.dataset.name);
      this.choose(row.dataset.name);
    });
    return row;
  }

  mark(chosen) {
    for (const row of this.element.children) {
      const is = row.dataset.name === chosen;
      row.setAttribute("aria-selected", is);
      row.tabIndex = is ? 0 : -1;
      const [top, bottom] = [row.offsetTop - this.element.offsetTop, row.offsetTop - this.element.offsetTop + row.offsetHeight];
      if (!is || this.marked === chosen) continue;
      if (top < this.element.scrollTop) this.element.scrollTop = top;
      if (bottom > this.element.scrollTop + this.element.clientHeight) this.element.scrollTop = bottom - this.element.clientHeight;
    }
    this.marked = chosen;
  }
}
