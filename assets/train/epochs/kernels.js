// The first layer's kernels at the slider's epoch, all epochs in one colour scale: the run's largest |weight|.

const BETWEEN = 5; // CSS pixels between two kernels; their channels touch but for one

class Kernels {
  constructor(point) {
    this.head = make("div", { className: "title" });
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.bar = make("i");
    this.low = make("span");
    this.high = make("span");
    this.legend = make("div", { className: "scale" }, this.low, this.bar, this.high);
    this.element = make("div", { className: "kernels" }, make("div", { className: "line" }, this.head, this.legend), this.canvas);
    this.small = document.createElement("canvas");
    this.canvas.addEventListener("pointermove", (event) => {
      const box = this.canvas.getBoundingClientRect();
      point(this.sentence(event.clientX - box.left, event.clientY - box.top));
    });
    this.canvas.addEventListener("pointerleave", () => point());
  }

  draw(looks, look, width) {
    const { kernels } = look;
    this.legend.hidden = this.canvas.hidden = !kernels;
    if (!kernels) {
      this.head.textContent = "The first layer with weights has none that are images, so there are no kernels to show.";
      return;
    }
    const [count, depth, height, across] = kernels.shape;
    kernels.values ??= Int8Array.from(atob(kernels.levels), (letter) => letter.charCodeAt(0));
    const extent = looks.all.reduce((most, one) => Math.max(most, one.kernels?.largest ?? 0), 0);
    this.ramps ??= { signed: new Ramp(looks.frame.ramps.signed), unsigned: new Ramp(looks.frame.ramps.unsigned) };
    const scale = new Scale(this.ramps, { signed: true, extent: extent ? (127 * extent) / (kernels.largest || extent) : 0 });
    const wanted = (count <= 16 ? 60 : 40) / Math.max(height, across);
    const pixel = Math.max(1, Math.min(Math.round(wanted), Math.floor((width - BETWEEN) / (depth * across))));
    const tile = depth * (across * pixel + 1) - 1;
    const columns = Math.max(1, Math.floor((width + BETWEEN) / (tile + BETWEEN)));
    const rows = Math.ceil(count / columns);
    Object.assign(this, { kernels, pixel, tile, columns });
    const pen = sharp(this.canvas, Math.min(count, columns) * (tile + BETWEEN) - BETWEEN, rows * (height * pixel + BETWEEN) - BETWEEN);
    for (let kernel = 0; kernel < count; kernel++) {
      const [x, y] = [(kernel % columns) * (tile + BETWEEN), Math.floor(kernel / columns) * (height * pixel + BETWEEN)];
      for (let channel = 0; channel < depth; channel++) {
        paint(this.small, kernels.values, (kernel * depth + channel) * height * across, height, across, scale);
        pen.drawImage(this.small, x + channel * (across * pixel + 1), y, across * pixel, height * pixel);
      }
    }
    this.bar.style.background = this.ramps.signed.gradient;
    this.low.textContent = short(-extent);
    this.high.textContent = short(extent);
    const channels = depth > 1 ? `, their ${depth} channels side by side` : "";
    this.head.textContent = `The first ${count} kernels of ${kernels.layer} (${height} × ${across})${channels}`.replace("The first 1 kernels of", "The kernel of");
    this.canvas.setAttribute("aria-label", `Kernels of ${kernels.layer}, ${look.name}; largest weight ${short(kernels.largest)}`);
  }

  sentence(x, y) {
    const { kernels, pixel, tile, columns } = this;
    const [count, depth, height, across] = kernels.shape;
    const [column, row] = [Math.floor(x / (tile + BETWEEN)), Math.floor(y / (height * pixel + BETWEEN))];
    const kernel = row * columns + column;
    const within = x - column * (tile + BETWEEN);
    const channel = Math.min(depth - 1, Math.floor(within / (across * pixel + 1)));
    const j = Math.floor((within - channel * (across * pixel + 1)) / pixel);
    const i = Math.floor((y - row * (height * pixel + BETWEEN)) / pixel);
    if (column >= columns || kernel >= count || i < 0 || i >= height || j < 0 || j >= across) return "";
    const level = kernels.values[((kernel * depth + channel) * height + i) * across + j];
    const place = depth > 1 ? `kernel ${kernel}, channel ${channel}` : `kernel ${kernel}`;
    return `${place}, row ${i}, column ${j}: weight ${short((level * kernels.largest) / 127)}`;
  }
}
