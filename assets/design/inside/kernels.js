// The kernels of a layer: a row for each output channel, a column for each input channel.

const MOST_COLUMNS = 64; // input channels in one row
const GAP = 2;

class Kernels {
  // `choose(output channel, place among its input channels)`; `point(text)` with nothing when the pointer leaves
  constructor(choose, point) {
    this.choose = choose;
    this.point = point;
    this.head = make("div", { className: "note" });
    this.rows = make("div", { className: "kernels" });
    this.element = make("div", { className: "scroll" }, this.head, this.rows);
  }

  draw({ values, shape, bias, hasBias }, layer, scale) {
    const [count, depth, height, width] = shape;
    const columns = Math.min(depth, MOST_COLUMNS);
    // small enough that a few kernels stand side by side, large enough that one sees their weights
    const side = Math.max(height, width);
    const alone = depth === 1 && side > 1;
    const pixel = alone ? Math.max(1, Math.floor(66 / side)) : Math.max(1, Math.min(Math.ceil(26 / side), 10));
    this.rows.classList.toggle("alone", alone);
    this.head.textContent =
      `${layer.channels.toLocaleString("en")} kernels${alone ? "," : ", a row each:"} ${alone ? `each ${height} × ${width} weights` : `${depth} of ${height} × ${width} weights in a row, one for each input channel it reads`}` +
      `${columns < depth ? ` (the first ${columns} are shown)` : ""}.`;
    while (this.rows.children.length < count) this.rows.append(make("div", { className: "kernel" }, make("span"), make("canvas")));
    while (this.rows.children.length > count) this.rows.lastChild.remove();
    [...this.rows.children].forEach((row, at) => {
      const [name, canvas] = row.children;
      const channel = layer.first + at;
      name.textContent = channel;
      name.title = hasBias ? `bias ${exact(bias[at])}` : "no bias";
      this.paintRow(canvas, values, at, depth, columns, height, width, pixel, scale);
      const place = (event) => {
        const box = canvas.getBoundingClientRect();
        const [x, y] = [event.clientX - box.left, event.clientY - box.top];
        const j = Math.min(columns - 1, Math.floor(x / (width * pixel + GAP)));
        const column = Math.min(width - 1, Math.floor((x - j * (width * pixel + GAP)) / pixel));
        const line = Math.max(0, Math.min(height - 1, Math.floor(y / pixel)));
        return [j, line, column];
      };
      canvas.onpointermove = (event) => {
        const [j, line, column] = place(event);
        const value = values[((at * depth + j) * height + line) * width + column];
        this.point(`kernel ${channel}, input channel ${layer.window.starts[channel] + j}, row ${line}, column ${column}: weight ${exact(value)}`);
      };
      canvas.onpointerleave = () => this.point();
      canvas.onclick = (event) => this.choose(channel, place(event)[0]);
    });
  }

  paintRow(canvas, values, at, depth, columns, height, width, pixel, scale) {
    const small = this.small ?? (this.small = document.createElement("canvas"));
    const ratio = window.devicePixelRatio || 1;
    const [across, down] = [columns * (width * pixel + GAP) - GAP, height * pixel];
    canvas.width = across * ratio;
    canvas.height = down * ratio;
    canvas.style.width = `${across}px`;
    canvas.style.height = `${down}px`;
    const pen = canvas.getContext("2d");
    pen.imageSmoothingEnabled = false;
    for (let j = 0; j < columns; j++) {
      paint(small, values, (at * depth + j) * height * width, height, width, scale);
      pen.drawImage(small, j * (width * pixel + GAP) * ratio, 0, width * pixel * ratio, down * ratio);
    }
  }

  mark(channel, layer) {
    [...this.rows.children].forEach((row, at) => row.classList.toggle("chosen", layer.first + at === channel));
  }
}
