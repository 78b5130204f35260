// One output pixel taken apart: its window on the input, the kernel, the products and their sum.

const MOST_WRITTEN = 49; // cells of a window whose numbers are written into them
const STEP = 70; // milliseconds, of the window's walk

class Dissection {
  constructor(tell) {
    this.tell = tell;
    this.at = { row: 0, column: 0, place: 0 };
    const point = (name) => ({
      point: (row, column) => tell(this.valueAt(name, row, column)),
      leave: () => tell(),
    });
    this.input = new Plane("", { ...point("input"), choose: (row, column) => this.reach(row, column) });
    this.output = new Plane("", { ...point("output"), choose: (row, column) => this.go(row, column) });
    this.window = new Plane("window", point("window"));
    this.kernel = new Plane("kernel", point("kernel"));
    this.products = new Plane("products", point("products"));
    this.output.box.tabIndex = 0;
    this.output.box.setAttribute("role", "application");
    this.output.box.setAttribute("aria-label", "Output map; arrow keys move the pixel, [ and ] the input channel");
    this.output.box.addEventListener("keydown", (event) => this.key(event));
    this.play = make("button", { type: "button", className: "play" });
    this.play.addEventListener("click", () => this.walk(!this.timer));
    this.sums = drawn("svg", { class: "sums", preserveAspectRatio: "none" });
    const placeOf = (event) => {
      const box = this.sums.getBoundingClientRect();
      return Math.max(0, Math.min(this.found.sums.length - 1, Math.floor(((event.clientX - box.left) / box.width) * this.layer.window.depth)));
    };
    this.sums.addEventListener("click", (event) => this.go(this.at.row, this.at.column, placeOf(event)));
    this.sums.addEventListener("pointermove", (event) => {
      const place = placeOf(event);
      tell(`input channel ${this.layer.window.starts[this.channel] + place} gives ${exact(this.found.sums[place])}`);
    });
    this.sums.addEventListener("pointerleave", () => tell());
    this.sumsTitle = make("div", { className: "title" });
    this.lines = make("div", { className: "lines" });
    this.lines.setAttribute("role", "status");
    this.signs = ["⊙", "="].map((textContent) => make("span", { className: "sign", textContent }));
    const [times, equals] = this.signs;
    const between = make("div", { className: "between" }, make("span", { className: "sign", textContent: "→" }), this.play);
    this.maps = make("div", { className: "pair" }, this.input.element, between, this.output.element);
    this.grids = make("div", { className: "grids" }, this.window.element, times, this.kernel.element, equals, this.products.element);
    this.summed = make("div", { className: "summed" }, this.sumsTitle, this.sums);
    this.parts = make("div", { className: "grids" });
    this.element = make("div", { className: "dissection" }, this.maps, this.parts, this.grids, this.summed, this.lines);
  }

  // Python's newest numbers of a layer; the place stays where it is as far as there is one.
  update(layer, channel, scales) {
    if (this.layer?.name !== layer.name) {
      this.walk(false);
      this.at = outstanding(layer.output, channel - layer.first);
      this.at.place = layer.window ? largest(calculate(layer, channel, this.at.row, this.at.column).sums) : 0;
    }
    Object.assign(this, { layer, channel, scales });
    const { rows, columns } = layer.window ?? { rows: [[0]], columns: [[0]] };
    const [, height, width] = layer.input.shape;
    const [down, across] = [rows.flat(), columns.flat()];
    this.padding = [-Math.min(0, ...down), Math.max(0, Math.max(...across) + 1 - width), Math.max(0, Math.max(...down) + 1 - height), -Math.min(0, ...across)];
    this.draw();
  }

  choose(channel) {
    this.channel = channel;
    this.draw();
  }

  go(row, column, place = this.at.place) {
    this.at = { row, column, place };
    this.draw();
  }

  // The output pixel whose window lies nearest to this pixel of the input.
  reach(row, column) {
    if (!this.layer.window) return this.go(row, column);
    const nearest = (taps, at) => {
      const off = taps.map((all) => Math.abs((all[0] + all[all.length - 1]) / 2 - at));
      return off.indexOf(Math.min(...off));
    };
    this.go(nearest(this.layer.window.rows, row), nearest(this.layer.window.columns, column));
  }

  key(event) {
    const { row, column, place } = this.at;
    const [, height, width] = this.layer.output.shape;
    const depth = this.found?.sums.length || 1;
    const next = {
      ArrowUp: [row - 1, column, place],
      ArrowDown: [row + 1, column, place],
      ArrowLeft: [row, column - 1, place],
      ArrowRight: [row, column + 1, place],
      "[": [row, column, Math.max(0, place - 1)],
      "]": [row, column, Math.min(depth - 1, place + 1)],
    }[event.key];
    if (!next) return;
    event.preventDefault();
    this.walk(false);
    if (next[0] >= 0 && next[1] >= 0 && next[0] < height && next[1] < width) this.go(...next);
  }

  walk(on) {
    clearInterval(this.timer);
    this.timer = undefined;
    if (on) {
      const [, height, width] = this.layer.output.shape;
      const last = height * width - 1;
      let at = this.at.row * width + this.at.column;
      if (at === last) at = -1;
      this.timer = setInterval(() => {
        at += 1;
        this.go(Math.floor(at / width), at % width);
        if (at === last || !this.element.isConnected) this.walk(false);
      }, STEP);
    }
    this.play.textContent = this.timer ? "❚❚" : "▶";
    this.play.title = this.timer ? "Stop the window" : "Let the window walk over the input";
    this.play.setAttribute("aria-label", this.play.title);
  }

  draw() {
    const { layer, at } = this;
    const [, height, width] = layer.output.shape;
    at.row = Math.min(at.row, height - 1);
    at.column = Math.min(at.column, width - 1);
    at.place = Math.min(at.place, Math.max(0, (layer.window?.depth ?? 1) - 1));
    layer.shownChannel = this.channel;
    this.found = layer.window ? calculate(layer, this.channel, at.row, at.column) : undefined;
    if (this.found?.sums.length) at.place = Math.min(at.place, this.found.sums.length - 1);
    this.drawMaps();
    this.drawParts();
    this.drawGrids();
    this.drawSums();
    const lines = layer.window ? explained(layer, this.found, at.place) : this.plainLines();
    if (layer.scores?.[this.channel] && layer.kind !== "Softmax") lines.push(softmax(layer.output.values, this.channel));
    this.lines.replaceChildren(...lines.map(([what, text]) => make("p", {}, make("b", { textContent: what }), " ", text)));
    this.play.hidden = !layer.window || height * width === 1;
  }

  drawMaps() {
    const { layer, at, channel } = this;
    const [, height, width] = layer.input.shape;
    const [, tall, wide] = layer.output.shape;
    const single = height * width === 1;
    this.source = (layer.window ? layer.window.starts[channel] + at.place : channel) - layer.inputFirst;
    const there = !single && this.source >= 0 && this.source < layer.input.shape[0];
    this.input.element.hidden = !there;
    this.maps.hidden = single && tall * wide === 1;
    this.output.element.hidden = tall * wide === 1;
    this.maps.children[1].hidden = !there || tall * wide === 1; // the arrow
    if (there) {
      this.input.title.textContent = `input, channel ${this.source + layer.inputFirst}`;
      this.input.draw(layer.input.values, this.source * height * width, height, width, this.scales.input, this.padding);
      const { rows, columns } = layer.window ? dropped(layer) : { rows: 0, columns: 0 };
      if (rows) this.input.mark("unread", height - rows, 0, height, width);
      if (columns) this.input.mark("unread", 0, width - columns, height - rows, width);
      if (this.found) this.markWindow(this.found);
      else if (layer.elementwise) this.input.mark("frame", at.row, at.column, at.row + 1, at.column + 1);
    }
    this.output.title.textContent = `output, channel ${channel}`;
    this.output.draw(layer.output.values, (channel - layer.first) * tall * wide, tall, wide, this.scales.output(channel - layer.first));
    this.output.mark("frame", at.row, at.column, at.row + 1, at.column + 1);
  }

  markWindow({ rows, columns }) {
    const [top, left, bottom, right] = [rows[0], columns[0], rows[rows.length - 1] + 1, columns[columns.length - 1] + 1];
    const holes = bottom - top > rows.length || right - left > columns.length;
    if (holes) for (const y of rows) for (const x of columns) this.input.mark("tap", y, x, y + 1, x + 1);
    this.input.mark("frame", top, left, bottom, right);
  }

  drawGrids() {
    const { layer, at, found } = this;
    const shown = found?.onChannel(layer.window.operation === "sum" ? at.place : 0);
    const size = found ? found.cells.length : 0;
    this.grids.hidden = !shown || size === 1;
    this.shown = shown;
    if (this.grids.hidden) return;
    const [height, width] = [found.rows.length, found.columns.length];
    const grid = (plane, values, scale) => {
      plane.draw(values, 0, height, width, scale);
      found.cells.forEach((cell, i) => {
        const [y, x] = [Math.floor(i / width), i % width];
        if (cell < 0 && plane !== this.kernel) plane.mark("pad", y, x, y + 1, x + 1);
        if (size <= MOST_WRITTEN) plane.write(y, x, short(values[i]), cell < 0 && plane !== this.kernel ? undefined : scale.colour(values[i]));
      });
    };
    grid(this.window, shown.values, this.scales.input);
    const products = Boolean(shown.products);
    for (const element of [this.kernel.element, this.products.element, ...this.signs]) element.hidden = !products;
    this.window.title.textContent = found.cells.some((cell) => cell < 0) ? "window, dashed: padding" : "window";
    if (!products) {
      if (layer.window.operation === "maximum") this.markLargest(shown.values, width);
      return;
    }
    const extent = Math.max(...shown.products.map(Math.abs));
    grid(this.kernel, shown.weights, this.scales.kernel);
    grid(this.products, shown.products, new Scale(this.scales.ramps, { signed: true, extent }));
    this.kernel.title.textContent = layer.flat ? `weights of unit ${this.channel}` : `kernel ${this.channel}, for channel ${layer.window.starts[this.channel] + at.place}`;
  }

  markLargest(values, width) {
    const covered = values.map((value, i) => (this.found.cells[i] < 0 ? -Infinity : value));
    const at = covered.indexOf(Math.max(...covered));
    if (at >= 0) this.window.mark("frame", Math.floor(at / width), at % width, Math.floor(at / width) + 1, (at % width) + 1);
  }

  drawSums() {
    const sums = this.found?.sums ?? [];
    const depth = this.layer.window?.depth ?? 1;
    this.summed.hidden = sums.length < 2;
    this.element.classList.toggle("summing", !this.summed.hidden);
    if (this.summed.hidden) return;
    const single = this.layer.input.shape[1] * this.layer.input.shape[2] === 1;
    this.summed.classList.toggle("tall", single);
    this.sumsTitle.textContent = single ? `what each of the ${depth} inputs gives, w·x` : `what each of the ${depth} input channels gives; click one to see its products`;
    const extent = Math.max(...sums.map(Math.abs), 1e-30);
    this.sums.setAttribute("viewBox", `0 -1.04 ${depth} 2.08`);
    const bars = sums.map((sum, place) => {
      const height = Math.abs(sum) / extent || 0;
      const name = `${sum < 0 ? "below" : "above"}${place === this.at.place ? " chosen" : ""}`;
      return drawn("rect", { class: name, x: place + 0.08, width: 0.84, y: sum > 0 ? -height : 0, height });
    });
    const chosen = drawn("rect", { class: "column", x: this.at.place, width: 1, y: -1.04, height: 2.08 });
    this.sums.replaceChildren(chosen, drawn("line", { x1: 0, x2: depth, y1: 0, y2: 0 }), ...bars);
  }

  // What a block adds or multiplies, one map each, with the pixel marked.
  drawParts() {
    const { layer, at, channel } = this;
    const [, height, width] = layer.output.shape;
    const shown = height * width > 1 ? layer.parts.filter((part) => part.values) : [];
    this.parts.hidden = !shown.length;
    const sign = layer.join === "product" ? "·" : "+";
    const drawnParts = shown.flatMap((part, i) => {
      const plane = new Plane(part.name, { choose: (row, column) => this.go(row, column) });
      const [, tall, wide] = part.shape; // of a product one may be a single value a channel
      plane.draw(part.values, (channel - layer.first) * tall * wide, tall, wide, this.scales.output(channel - layer.first));
      plane.mark("frame", Math.min(at.row, tall - 1), Math.min(at.column, wide - 1), Math.min(at.row, tall - 1) + 1, Math.min(at.column, wide - 1) + 1);
      return i ? [make("span", { className: "sign", textContent: sign }), plane.element] : [plane.element];
    });
    this.parts.replaceChildren(...drawnParts);
  }

  // Layers without a window: what goes in and what comes out at the same place.
  plainLines() {
    const { layer, at } = this;
    const [, height, width] = layer.output.shape;
    const index = at.row * width + at.column;
    const out = layer.output.values[(this.channel - layer.first) * height * width + index];
    const where = `at channel ${this.channel}${height * width > 1 ? `, row ${at.row}, column ${at.column}` : ""}`;
    if (layer.parts.length) return [[layer.kind, joinedText(layer, this.channel, at, out)], ["", where]];
    if (!layer.elementwise) return [["output", `${exact(out)} ${where}`]];
    const into = layer.input.values[this.source * height * width + index];
    return [[layer.kind, `${short(into)} → ${short(out)} ${where}`]];
  }

  valueAt(name, row, column) {
    const { layer, channel } = this;
    const at = (numbers, map) => numbers.values[(map * numbers.shape[1] + row) * numbers.shape[2] + column];
    if (name === "input") return `input channel ${this.source + layer.inputFirst}, row ${row}, column ${column}: ${exact(at(layer.input, this.source))}`;
    if (name === "output") return `output channel ${channel}, row ${row}, column ${column}: ${exact(at(layer.output, channel - layer.first))}`;
    const { values, weights, products } = this.shown;
    const i = row * this.found.columns.length + column;
    if (this.found.cells[i] < 0 && name === "window") return "padding: 0";
    return { window: `input ${exact(values[i])}`, kernel: `weight ${exact(weights?.[i])}`, products: `${exact(values[i])} · ${exact(weights?.[i])} = ${exact(products?.[i])}` }[name];
  }
}
