// The window walk: sliders set kernel, stride, padding and dilation, and the window walks over a grid of pixels while
// the output fills. All here in the browser. data: {layer: {name, size, kernel, stride, padding, dilation} | null, meanings}

const SVG = "http://www.w3.org/2000/svg";
const SETTINGS = {
  size: { name: "input size", low: 3, high: 32, value: 9 },
  kernel: { low: 1, high: 11, value: 3 },
  stride: { low: 1, high: 8, value: 2 },
  padding: { low: 0, high: 8, value: 1 },
  dilation: { low: 1, high: 5, value: 1 },
};
const SIDE = 400; // CSS pixels of the larger grid at most
const CELL = 34; // of one pixel of the grid at most

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function drawn(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function rect(name, left, top, width, height) {
  return drawn("rect", { class: name, x: left, y: top, width, height });
}

function lines(low, high) {
  let path = "";
  for (let at = low; at <= high; at++) path += `M${at} ${low}V${high}M${low} ${at}H${high}`;
  return drawn("path", { class: "grid", d: path });
}

class Walk {
  constructor(root) {
    this.at = 0;
    this.set = Object.fromEntries(Object.entries(SETTINGS).map(([name, { value }]) => [name, value]));
    this.sliders = Object.fromEntries(Object.entries(SETTINGS).map(([name, bounds]) => [name, this.makeSlider(name, bounds)]));
    this.take = make("button", { type: "button", className: "take" });
    this.take.addEventListener("click", () => this.become(this.layer));
    const button = (textContent, title, act) => {
      const made = make("button", { type: "button", textContent, title });
      made.setAttribute("aria-label", title);
      made.addEventListener("click", act);
      return made;
    };
    this.play = button("❚❚", "Pause", () => this.run(!this.timer));
    const steps = make("div", { className: "steps" }, button("|‹", "Back to the first place", () => this.step(-Infinity)), button("‹", "One step back", () => this.step(-1)), this.play, button("›", "One step on", () => this.step(1)));
    this.input = drawn("svg", {});
    this.output = drawn("svg", {});
    this.titles = [make("figcaption"), make("figcaption")];
    this.stage = make("div", { className: "stage", tabIndex: 0 }, make("figure", {}, this.titles[0], this.input), make("figure", {}, this.titles[1], this.output));
    this.stage.setAttribute("aria-label", "The window on the input, and the output; arrow keys move it, the space bar plays");
    this.stage.setAttribute("role", "application");
    this.stage.addEventListener("keydown", (event) => this.key(event));
    this.formula = make("div", { className: "formula" });
    this.said = make("div", { className: "said" });
    const sliders = Object.values(this.sliders).map(({ label }) => label);
    const controls = make("div", { className: "controls" }, ...sliders, this.take, steps, this.formula, this.said);
    root.append(make("div", { className: "walk" }, controls, this.stage));
    for (const name of ["pointerdown", "pointermove"])
      this.output.addEventListener(name, (event) => {
        if (name === "pointermove" && !(event.buttons & 1)) return;
        const box = this.output.getBoundingClientRect();
        const place = (at, low, size) => Math.max(0, Math.min(this.out - 1, Math.floor(((at - low) / size) * this.out)));
        this.run(false);
        this.go(place(event.clientY, box.top, box.height) * this.out + place(event.clientX, box.left, box.width));
      });
    this.redraw();
  }

  update(data) {
    this.layer = data.layer;
    this.take.hidden = !data.layer;
    this.take.textContent = data.layer ? `as in ${data.layer.name}` : "";
    for (const [name, text] of Object.entries(data.meanings)) this.sliders[name].label.title = text;
  }

  makeSlider(name, { name: title = name, low, high, value }) {
    const input = make("input", { type: "range", min: low, max: high, step: 1 });
    input.value = value;
    const number = make("output", { textContent: value });
    input.addEventListener("input", () => this.become({ [name]: Number(input.value) }));
    return { input, number, label: make("label", {}, make("span", { textContent: title }), input, number) };
  }

  become(changes) {
    for (const [name, { low, high }] of Object.entries(SETTINGS))
      if (name in changes) {
        // a layer's own setting may lie beyond the slider's usual reach
        const slider = this.sliders[name];
        slider.input.max = Math.max(high, changes[name]);
        this.set[name] = Math.max(low, changes[name]);
        slider.input.value = this.set[name];
        slider.number.textContent = this.set[name];
      }
    this.redraw();
  }

  // Everything that the settings decide; where the window stands is drawn by `go`.
  redraw() {
    const { size, kernel, stride, padding, dilation } = this.set;
    const span = dilation * (kernel - 1) + 1;
    const room = size + 2 * padding;
    this.out = Math.max(0, Math.floor((room - span) / stride) + 1);
    const reach = dilation === 1 ? `${kernel}` : `(${dilation}·(${kernel} − 1) + 1)`;
    const fits = this.out > 0;
    this.formula.textContent = `⌊(${size} + 2·${padding} − ${reach})/${stride}⌋ + 1 = ${fits ? this.out : Math.floor((room - span) / stride) + 1}`;
    const cell = Math.min(CELL, SIDE / Math.max(room, 1));
    const view = (svg, low, count) => {
      svg.setAttribute("viewBox", `${low} ${low} ${count} ${count}`);
      svg.style.width = svg.style.height = `${count * cell}px`;
    };
    view(this.input, -padding, room);
    view(this.output, 0, Math.max(1, this.out));
    this.output.style.visibility = fits ? "visible" : "hidden";
    this.titles[0].textContent = `input ${size} × ${size}${padding ? `, padded to ${room} × ${room}` : ""}`;
    this.titles[1].textContent = fits ? `output ${this.out} × ${this.out}` : "no output";
    const read = new Set();
    for (let o = 0; o < this.out; o++) for (let k = 0; k < kernel; k++) read.add(o * stride - padding + k * dilation);
    const unread = [];
    for (let at = -padding; fits && at < size + padding; at++) if (!read.has(at)) unread.push(at);
    const strip = (left, top, width, height) => `M${left} ${top}h${width}v${height}h${-width}z`;
    const strips = unread.map((at) => strip(-padding, at, room, 1) + strip(at, -padding, 1, room)).join("");
    this.input.replaceChildren(rect("pad", -padding, -padding, room, room), rect("image", 0, 0, size, size), drawn("path", { class: "unread", d: strips }), lines(-padding, size + padding), drawn("g", {}));
    this.output.replaceChildren(rect("empty", 0, 0, this.out, this.out), drawn("g", {}), lines(0, this.out));
    this.said.textContent = fits ? this.dropped(unread, room, span) : `The kernel spans ${span} pixels, but the padded input has ${room}: it does not fit anywhere.`;
    this.said.classList.toggle("wrong", !fits);
    this.at = Math.min(this.at, Math.max(0, this.out ** 2 - 1));
    this.go(this.at);
    if (this.timer || this.timer === undefined) this.run(true);
  }

  dropped(unread, room, span) {
    const { stride, size, padding } = this.set;
    const rest = (room - span) % stride;
    const pixels = unread.filter((at) => at >= 0 && at < size);
    if (!unread.length) return "Every pixel is read.";
    const border = rest ? `${room} − ${span} = ${room - span} is no multiple of the stride ${stride}: the last ${rest === 1 ? "row and column are" : `${rest} rows and columns are`} dropped. ` : "";
    const inside = unread.length > rest ? "The window steps over others. " : "";
    const image = pixels.length ? `${pixels.length} of the image's ${size} rows, and as many columns, are not read (marked).` : `Only padding is lost (marked).`;
    return border + inside + image;
  }

  go(at) {
    this.at = at;
    const { kernel, stride, padding, dilation } = this.set;
    const [marks, filled] = [this.input.lastChild, this.output.children[1]];
    if (!this.out) {
      marks.replaceChildren();
      filled.replaceChildren();
      return;
    }
    const [row, column] = [Math.floor(at / this.out), at % this.out];
    const [top, left] = [row * stride - padding, column * stride - padding];
    const span = dilation * (kernel - 1) + 1;
    const taps = [];
    for (let y = 0; y < kernel; y++) for (let x = 0; x < kernel; x++) taps.push(rect("tap", left + x * dilation, top + y * dilation, 1, 1));
    marks.replaceChildren(...taps, rect("frame", left, top, span, span));
    filled.replaceChildren(rect("done", 0, 0, this.out, row), rect("done", 0, row, column, 1), rect("now", column, row, 1, 1));
  }

  step(by) {
    this.run(false);
    if (this.out) this.go(Math.max(0, Math.min(this.out ** 2 - 1, this.at + by)));
  }

  run(on) {
    clearInterval(this.timer);
    this.timer = null;
    if (on) {
      const pause = Math.max(40, Math.min(320, 9000 / Math.max(1, this.out ** 2)));
      this.timer = setInterval(() => {
        if (!this.stage.isConnected) return this.run(false);
        if (this.out) this.go((this.at + 1) % this.out ** 2);
      }, pause);
    }
    this.play.textContent = on ? "❚❚" : "▶";
    this.play.title = on ? "Pause" : "Play";
    this.play.setAttribute("aria-label", this.play.title);
  }

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.out, ArrowDown: this.out }[event.key];
    if (event.key === " ") this.run(!this.timer);
    else if (!by || !this.out) return;
    event.preventDefault();
    if (by && this.at + by >= 0 && this.at + by < this.out ** 2) this.step(by);
  }
}

export default function ({ data, parentElement }) {
  parentElement.walk ??= new Walk(parentElement);
  parentElement.walk.update(data);
}
