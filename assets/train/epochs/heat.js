// Per-class accuracy over the epochs: a row for each class, a column for each look, the slider's one framed.

class Heat {
  // `choose(place of a look)`; `point(text)`, with nothing when the pointer leaves
  constructor(choose, point) {
    this.names = make("div", { className: "names" });
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.marker = make("div", { className: "marker" });
    this.box = make("div", { className: "heat" }, this.canvas, this.marker);
    this.low = make("span", { textContent: "0 %" });
    this.scale = make("i");
    this.legend = make("div", { className: "scale" }, this.low, this.scale, make("span", { textContent: "100 %" }));
    this.painted = document.createElement("canvas");
    const place = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const look = Math.floor(((event.clientX - box.left) / box.width) * this.looks.all.length);
      const row = Math.floor((event.clientY - box.top) / this.row);
      return [Math.max(0, Math.min(this.looks.all.length - 1, look)), row];
    };
    this.box.addEventListener("pointermove", (event) => {
      const [at, row] = place(event);
      if (event.buttons & 1) choose(at);
      const [look, name] = [this.looks.all[at], this.looks.frame.classes[row]];
      if (name) point(`${name}, ${look.name}: accuracy ${percent(look.recall[row])}`);
    });
    this.box.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      choose(place(event)[0]);
    });
    this.box.addEventListener("pointerleave", () => point());
  }

  // Rows of `row` and a width of `width` CSS pixels.
  draw(looks, row, width) {
    Object.assign(this, { looks, row, width });
    const { classes, ramps } = looks.frame;
    if (this.named !== classes) {
      this.named = classes;
      this.names.replaceChildren(...classes.map((name) => make("div", { textContent: name, title: name })));
      this.ramp = new Ramp(ramps.unsigned);
      this.scale.style.background = this.ramp.gradient;
    }
    this.names.style.setProperty("--row", `${row}px`);
    const count = looks.all.length;
    const pixels = new ImageData(count, classes.length);
    looks.all.forEach(({ recall }, column) =>
      recall.forEach((share, at) => {
        if (share === null) return; // no images of this class: clear
        pixels.data.set([...this.ramp.table[Math.round(255 * share)], 255], 4 * (at * count + column));
      }),
    );
    this.painted.width = count;
    this.painted.height = classes.length;
    this.painted.getContext("2d").putImageData(pixels, 0, 0);
    sharp(this.canvas, width, row * classes.length).drawImage(this.painted, 0, 0, width, row * classes.length);
  }

  mark(at) {
    const step = this.width / this.looks.all.length;
    this.marker.style.left = `${at * step}px`;
    this.marker.style.width = `${step}px`;
    const { recall, name } = this.looks.all[at];
    const known = recall.map((share, row) => [share, row]).filter(([share]) => share !== null).sort(([a], [b]) => a - b);
    const [worst, best] = [known[0], known.at(-1)].map(([share, row]) => `${this.looks.frame.classes[row]} ${percent(share)}`);
    this.canvas.setAttribute("aria-label", `Accuracy of each class over the epochs; ${name}: from ${worst} to ${best}`);
  }
}
