// A feature map, a window or a kernel in colour: one square a number, marks and numbers over it.

// The colours of a scale, 256 between its stops.
class Ramp {
  constructor(stops) {
    const colours = stops.map((stop) => [1, 3, 5].map((at) => parseInt(stop.slice(at, at + 2), 16)));
    this.table = Array.from({ length: 256 }, (_, i) => {
      const place = (i / 255) * (colours.length - 1);
      const left = Math.min(Math.floor(place), colours.length - 2);
      return colours[left].map((one, k) => Math.round(one + (place - left) * (colours[left + 1][k] - one)));
    });
    this.gradient = `linear-gradient(to right, ${stops.join(", ")})`;
  }
}

// A scale: where it ends, and whether it has two sides.
class Scale {
  constructor(ramps, { signed, extent }) {
    this.ramp = signed ? ramps.signed : ramps.unsigned;
    this.signed = signed;
    this.extent = extent;
  }

  colour(number) {
    const unit = this.extent > 0 && !Number.isNaN(number) ? number / this.extent : 0;
    const place = this.signed ? (Math.max(-1, Math.min(1, unit)) + 1) / 2 : Math.max(0, Math.min(1, unit));
    return this.ramp.table[Math.round(255 * place)];
  }
}

// Paint height × width numbers from `start` on, at one canvas pixel a number; `padding` around stays clear.
function paint(canvas, values, start, height, width, scale, padding = [0, 0, 0, 0]) {
  const [top, right, bottom, left] = padding;
  canvas.width = width + left + right;
  canvas.height = height + top + bottom;
  const image = new ImageData(width, height);
  for (let at = 0; at < height * width; at++) {
    const [red, green, blue] = scale.colour(values[start + at]);
    image.data[4 * at] = red;
    image.data[4 * at + 1] = green;
    image.data[4 * at + 2] = blue;
    image.data[4 * at + 3] = 255;
  }
  canvas.getContext("2d").putImageData(image, left, top);
}

// One large picture of numbers that can be pointed at; `on.point(row, column)` and `on.leave()`, `on.choose(row, column)`.
class Plane {
  constructor(title, on = {}) {
    this.title = make("div", { className: "title", textContent: title });
    this.canvas = make("canvas");
    this.marks = drawn("svg", { preserveAspectRatio: "none" });
    this.box = make("div", { className: "plane" }, this.canvas, this.marks);
    this.element = make("figure", {}, this.title, this.box);
    const place = (event) => {
      const box = this.box.getBoundingClientRect();
      const row = Math.floor(((event.clientY - box.top) / box.height) * this.canvas.height) - this.padding[0];
      const column = Math.floor(((event.clientX - box.left) / box.width) * this.canvas.width) - this.padding[3];
      const inside = row >= 0 && column >= 0 && row < this.height && column < this.width;
      return inside ? [row, column] : undefined;
    };
    this.box.addEventListener("pointermove", (event) => {
      const found = place(event);
      if (!found) return on.leave?.();
      on.point?.(...found);
      if (event.buttons & 1) on.choose?.(...found);
    });
    this.box.addEventListener("pointerleave", () => on.leave?.());
    this.box.addEventListener("pointerdown", (event) => {
      const found = place(event);
      if (found) on.choose?.(...found);
    });
  }

  // `padding` is top, right, bottom, left
  draw(values, start, height, width, scale, padding = [0, 0, 0, 0]) {
    Object.assign(this, { height, width, padding });
    paint(this.canvas, values, start, height, width, scale, padding);
    const [down, across] = [this.canvas.height, this.canvas.width];
    this.marks.setAttribute("viewBox", `${-padding[3]} ${-padding[0]} ${across} ${down}`);
    this.box.style.setProperty("--ratio", across / down);
    this.marks.replaceChildren();
  }

  // A frame around rows [top, bottom) and columns [left, right).
  mark(name, top, left, bottom, right) {
    const [x, y, width, height] = [left, top, right - left, bottom - top];
    this.marks.append(drawn("rect", { class: name, x, y, width, height }));
  }

  // `colour` is what lies under the text; without one it is the page's.
  write(row, column, text, colour) {
    const light = colour && colour[0] * 0.3 + colour[1] * 0.6 + colour[2] * 0.1 > 128;
    const fill = colour ? (light ? "#000" : "#fff") : "currentColor";
    const size = Math.min(0.4, 1.65 / text.length);
    const attributes = { class: "number", x: column + 0.5, y: row + 0.5 + size * 0.35, "font-size": size };
    this.marks.append(drawn("text", { ...attributes, fill }, text));
  }
}
