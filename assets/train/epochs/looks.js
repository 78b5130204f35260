// What the browser knows of a run: its looks, oldest first. They come in stretches, each behind the last step of
// the one before; where one was missed, or this browser has just begun, the missing ones are asked for.

class Looks {
  constructor() {
    this.all = [];
  }

  // Take what Python sent; tells whether it fitted. `ask` is called with what is lacking otherwise.
  take({ key, after, looks, frame }, ask) {
    if (key !== this.key) Object.assign(this, { key, all: [], frame: undefined, asked: undefined });
    if (frame) this.frame = frame;
    if (!this.frame || after > this.last) {
      this.ask({ key, after: this.frame ? this.last : -1 }, ask);
      return false;
    }
    for (const look of looks) {
      if (look.step > this.last) this.all.push(look);
    }
    this.asked = undefined;
    return true;
  }

  ask(lacking, ask) {
    if (this.asked === lacking.after) return; // on its way
    this.asked = lacking.after;
    ask({ ...lacking, at: Date.now() });
  }

  get last() {
    return this.all.at(-1)?.step ?? -1;
  }

  // The confusion matrix of a look: a count for each cell, in reading order.
  counts(look) {
    if (!look.counts) {
      const size = this.frame.classes.length;
      look.counts = new Uint32Array(size * size);
      for (let at = 0; at < look.cells.length; at += 2) look.counts[look.cells[at]] = look.cells[at + 1];
    }
    return look.counts;
  }
}

function percent(share, digits = 1) {
  return share === null || share === undefined ? "—" : `${(100 * share).toFixed(digits)} %`;
}

// A canvas of so many CSS pixels, sharp on this screen; what it drew before is gone. Gives the pen.
function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [across, down] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.imageSmoothingEnabled = false;
  return pen;
}
