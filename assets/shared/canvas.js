// A canvas of few, large pixels: a soft round brush draws grey, stroke by stroke, on black or on an image.
// data: {channels, height, width, pixels, template, templateText, blank, grey, pause}, pixels (C, H, W) in base64;
// tells Python `pixels` while one draws, every `pause` milliseconds.

const MOST_STROKES = 100; // that can be undone

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function decode(text) {
  return Uint8ClampedArray.from(atob(text), (letter) => letter.charCodeAt(0));
}

function encode(pixels) {
  return btoa(String.fromCharCode(...pixels));
}

class Canvas {
  constructor(root) {
    this.past = [];
    this.picture = make("canvas", { className: "picture", tabIndex: 0 });
    this.picture.setAttribute("role", "img");
    this.picture.setAttribute("aria-label", "Canvas to draw on; Ctrl+Z undoes a stroke, Delete clears it");
    this.size = this.makeSlider("Brush", 0.5, 4, 0.25, 1.25, "Width of the brush in pixels");
    this.grey = this.makeSlider("Grey", 0, 255, 5, 255, "Brightness of the brush; 0 erases");
    this.undoButton = make("button", { type: "button", textContent: "Undo", title: "Take the last stroke back (Ctrl+Z)" });
    this.clearButton = make("button", { type: "button", textContent: "Clear", title: "Begin with black (Delete)" });
    this.templateButton = make("button", { type: "button" });
    const buttons = make("div", { className: "buttons" }, this.undoButton, this.clearButton, this.templateButton);
    root.append(make("div", { className: "drawing" }, this.picture, this.size.label, this.grey.label, buttons));
    this.listen();
  }

  makeSlider(name, min, max, step, value, title) {
    const input = make("input", { type: "range", min, max, step, title });
    input.value = value;
    input.setAttribute("aria-label", title);
    return { input, label: make("label", {}, name, input) };
  }

  update(data, setStateValue) {
    this.send = setStateValue;
    this.template = data.template;
    this.templateButton.hidden = data.template === null;
    this.templateButton.textContent = this.templateButton.title = data.templateText;
    this.clearButton.hidden = !data.blank;
    this.pause = data.pause;
    if (this.pixels?.length === data.channels * data.height * data.width && this.width === data.width) return;
    this.grey.input.value = data.grey;
    this.channels = data.channels;
    this.height = data.height;
    this.width = data.width;
    this.pixels = decode(data.pixels);
    this.past = [];
    this.picture.width = data.width;
    this.picture.height = data.height;
    this.draw();
  }

  listen() {
    const { picture } = this;
    picture.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      picture.focus({ preventScroll: true });
      picture.setPointerCapture(event.pointerId);
      this.keep();
      this.at = this.place(event);
      this.stroke(this.at, this.at);
    });
    picture.addEventListener("pointermove", (event) => {
      if (!this.at) return;
      for (const one of event.getCoalescedEvents?.() ?? [event]) {
        const next = this.place(one);
        this.stroke(this.at, next);
        this.at = next;
      }
    });
    const end = () => {
      if (!this.at) return;
      this.at = undefined;
      this.tell();
    };
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) picture.addEventListener(name, end);
    picture.addEventListener("keydown", (event) => {
      const undo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
      if (!undo && event.key !== "Delete") return;
      event.preventDefault();
      if (undo) this.undo();
      else this.clear();
    });
    this.undoButton.addEventListener("click", () => this.undo());
    this.clearButton.addEventListener("click", () => this.clear());
    this.templateButton.addEventListener("click", () => this.become(decode(this.template)));
  }

  // Where the pointer is, in pixels of the image; the middle of the first pixel is 0, 0.
  place(event) {
    const box = this.picture.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.width - 0.5;
    const y = ((event.clientY - box.top) / box.height) * this.height - 0.5;
    return [x, y];
  }

  keep() {
    this.past = [...this.past, this.pixels.slice()].slice(-MOST_STROKES);
  }

  // Black; where only an image is drawn on, that image.
  clear() {
    this.become(this.clearButton.hidden ? decode(this.template) : new Uint8ClampedArray(this.pixels.length));
  }

  become(pixels) {
    this.keep();
    this.pixels = pixels;
    this.draw();
    this.tell();
  }

  undo() {
    if (!this.past.length) return;
    this.pixels = this.past.pop();
    this.draw();
    this.tell();
  }

  // A line with a round end: full inside, fading out over one pixel at its edge.
  stroke([x0, y0], [x1, y1]) {
    const radius = (Number(this.size.input.value) / 2) * (this.height / 28); // as on an image of 28 pixels
    const grey = Number(this.grey.input.value);
    const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
    const reach = radius + 1;
    const before = this.past[this.past.length - 1];
    for (let y = Math.max(0, Math.floor(Math.min(y0, y1) - reach)); y <= Math.min(this.height - 1, Math.max(y0, y1) + reach); y++) {
      for (let x = Math.max(0, Math.floor(Math.min(x0, x1) - reach)); x <= Math.min(this.width - 1, Math.max(x0, x1) + reach); x++) {
        const along = length ? Math.max(0, Math.min(1, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length)) : 0;
        const distance = Math.hypot(x - x0 - along * (x1 - x0), y - y0 - along * (y1 - y0));
        const cover = Math.max(0, Math.min(1, radius + 0.5 - distance));
        if (!cover) continue;
        for (let channel = 0; channel < this.channels; channel++) {
          const at = (channel * this.height + y) * this.width + x;
          const wanted = Math.round(before[at] + cover * (grey - before[at]));
          // within one stroke a pixel only goes on towards the brush's grey, however often it is passed
          const further = Math.abs(wanted - before[at]) > Math.abs(this.pixels[at] - before[at]);
          if (further) this.pixels[at] = wanted;
        }
      }
    }
    this.draw();
    if (!this.timer) this.timer = setTimeout(() => this.tell(), this.pause);
  }

  tell() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = encode(this.pixels);
    if (text !== this.told) this.send("pixels", (this.told = text));
  }

  draw() {
    const image = new ImageData(this.width, this.height);
    const plane = this.height * this.width;
    for (let at = 0; at < plane; at++) {
      const colour = [0, 1, 2].map((channel) => this.pixels[Math.min(channel, this.channels - 1) * plane + at]);
      image.data.set([...colour, 255], 4 * at);
    }
    this.picture.getContext("2d").putImageData(image, 0, 0);
    this.undoButton.disabled = !this.past.length;
  }
}

export default function ({ data, parentElement, setStateValue }) {
  parentElement.canvas ??= new Canvas(parentElement);
  parentElement.canvas.update(data, setStateValue);
}
