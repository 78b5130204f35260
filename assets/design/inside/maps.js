// All feature maps of a layer side by side; each is a button that chooses its channel.

class Maps {
  // `choose(channel)`; `point(channel, row, column, value)` or `point()` when the pointer leaves
  constructor(choose, point) {
    this.choose = choose;
    this.point = point;
    this.element = make("div", { className: "maps" });
    this.element.addEventListener("keydown", (event) => this.move(event));
  }

  draw({ values, shape }, first, scaleOf) {
    const [count, height, width] = shape;
    this.element.style.setProperty("--side", `${count <= 12 ? 92 : count <= 40 ? 68 : 52}px`);
    while (this.element.children.length < count) this.element.append(this.makeMap());
    while (this.element.children.length > count) this.element.lastChild.remove();
    [...this.element.children].forEach((map, at) => {
      const canvas = map.firstChild;
      paint(canvas, values, at * height * width, height, width, scaleOf(at));
      map.lastChild.textContent = first + at;
      map.setAttribute("aria-label", `Channel ${first + at}`);
      map.onpointermove = (event) => {
        const box = canvas.getBoundingClientRect();
        const row = Math.max(0, Math.min(height - 1, Math.floor(((event.clientY - box.top) / box.height) * height)));
        const column = Math.max(0, Math.min(width - 1, Math.floor(((event.clientX - box.left) / box.width) * width)));
        this.point(first + at, row, column, values[(at * height + row) * width + column]);
      };
      map.onpointerleave = () => this.point();
      map.onclick = () => this.choose(first + at);
    });
    this.first = first;
  }

  makeMap() {
    return make("button", { type: "button", className: "map" }, make("canvas"), make("span"));
  }

  mark(channel) {
    [...this.element.children].forEach((map, at) => {
      const is = this.first + at === channel;
      map.setAttribute("aria-pressed", is);
      map.tabIndex = is ? 0 : -1;
    });
  }

  move(event) {
    const maps = [...this.element.children];
    const at = maps.indexOf(event.target);
    const row = maps.filter((map) => map.offsetTop === maps[0]?.offsetTop).length;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[event.key];
    if (!by || !maps[at + by]) return;
    event.preventDefault();
    maps[at + by].focus();
    maps[at + by].click();
  }
}
