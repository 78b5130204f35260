// The confusion matrix at the slider's epoch, coloured as on the Inspect page: blue is right, orange wrong, the depth
// is the square root of the share of the true class.

const [RIGHT, WRONG] = [[31, 111, 184], [194, 87, 12]];
const ROOM_FOR_NUMBERS = 17; // CSS pixels of a cell

class Matrix {
  constructor(point) {
    this.columns = make("div", { className: "columns" });
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.element = make("div", { className: "matrix" }, this.canvas);
    this.canvas.addEventListener("pointermove", (event) => {
      const box = this.canvas.getBoundingClientRect();
      const row = Math.floor((event.clientY - box.top) / this.cell);
      const column = Math.floor((event.clientX - box.left) / this.cell);
      if (row >= 0 && column >= 0 && row < this.size && column < this.size) point(this.sentence(row, column));
    });
    this.canvas.addEventListener("pointerleave", () => point());
  }

  sentence(row, column) {
    const { classes } = this.looks.frame;
    const count = this.counts[row * this.size + column];
    const what = row === column ? `${classes[row]} recognised` : `${classes[row]} taken for ${classes[column]}`;
    return `${what}: ${count.toLocaleString("en")} of ${this.sums[row].toLocaleString("en")} (${percent(this.sums[row] ? count / this.sums[row] : null)})`;
  }

  // Cells of `cell` CSS pixels.
  draw(looks, look, cell) {
    const { classes } = looks.frame;
    const size = classes.length;
    Object.assign(this, { looks, cell, size, counts: looks.counts(look) });
    this.name(classes, cell);
    this.sums = Array.from({ length: size }, (_, row) => this.counts.subarray(row * size, (row + 1) * size).reduce((sum, count) => sum + count, 0));
    const pen = sharp(this.canvas, cell * size, cell * size);
    const gap = cell >= 10 ? 1 : 0;
    const ink = getComputedStyle(this.element).color;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = `${Math.min(14, Math.round(cell * 0.5))}px ${getComputedStyle(this.element).fontFamily}`;
    let [right, worst] = [0, { count: 0 }];
    for (let at = 0; at < size * size; at++) {
      const count = this.counts[at];
      if (!count) continue;
      const [row, column] = [Math.floor(at / size), at % size];
      const shade = Math.sqrt(count / this.sums[row]);
      pen.fillStyle = `rgb(${(row === column ? RIGHT : WRONG).join(" ")} / ${shade})`;
      pen.fillRect(column * cell, row * cell, cell - gap, cell - gap);
      if (cell >= ROOM_FOR_NUMBERS) {
        pen.fillStyle = shade > 0.7 ? "#fff" : ink;
        pen.fillText(count, (column + 0.5) * cell - gap / 2, (row + 0.5) * cell, cell - 2);
      }
      if (row === column) right += count;
      else if (count > worst.count) worst = { count, row, column };
    }
    const mistake = worst.count ? `; most often ${this.sentence(worst.row, worst.column)}` : "";
    this.canvas.setAttribute("aria-label", `Confusion matrix, ${look.name}: ${right} of ${look.images} right${mistake}`);
  }

  name(classes, cell) {
    this.columns.hidden = cell < 14;
    this.columns.style.setProperty("--cell", `${cell}px`);
    if (this.named === classes) return;
    this.named = classes;
    const named = (name) => make("div", {}, make("span", { textContent: name, title: name }));
    this.columns.replaceChildren(...classes.map(named));
  }
}
