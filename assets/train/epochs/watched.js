// The fixed validation images: what each is, what the network takes it for, and how that went over the epochs.

const STRIP = 28; // CSS pixels: the height of a history

class Pictures {
  constructor(point) {
    this.point = point;
    this.element = make("div", { className: "pictures" });
    this.element.setAttribute("role", "list");
  }

  draw(looks, at) {
    const { frame } = looks;
    if (this.frame !== frame) this.build(frame, looks.all[0].predicted.length);
    if (!this.tiles.length) return;
    const look = looks.all[at];
    const pen = this.measured(); // before anything is written: each measuring in between would lay the page out anew
    this.tiles.forEach((tile, image) => {
      const label = frame.labels[image]; // undefined where the data set is not on this machine
      const [predicted, sure] = [look.predicted[image], look.sure[image]];
      const known = label !== undefined;
      const right = predicted === label;
      tile.root.classList.toggle("right", known && right);
      tile.root.classList.toggle("wrong", known && !right);
      const named = frame.classes[predicted];
      tile.truth.textContent = known ? frame.classes[label] : "";
      tile.said.textContent = known && right ? "✓" : known ? `✗ ${named}` : named;
      tile.sure.textContent = percent(sure, 0);
      const verdict = known && right ? `${named} recognised` : known ? `${frame.classes[label]} taken for ${named}` : `taken for ${named}`;
      const text = `Image ${image + 1}, ${look.name}: ${verdict} (${percent(sure, 0)})`;
      tile.root.setAttribute("aria-label", text);
      tile.root.onpointerenter = () => this.point(text);
      if (pen.width > 4) this.history(tile.strip, looks, image, label, at, pen);
    });
  }

  build(frame, count) {
    this.frame = frame;
    const rows = Math.ceil(count / frame.columns);
    this.tiles = Array.from({ length: count }, (_, image) => {
      const picture = make("div", { className: "picture" });
      if (frame.sheet) {
        picture.style.backgroundImage = `url(${frame.sheet})`;
        picture.style.backgroundSize = `${100 * frame.columns}% ${100 * rows}%`;
        const [row, column] = [Math.floor(image / frame.columns), image % frame.columns];
        const part = (place, places) => (places > 1 ? `${(100 * place) / (places - 1)}%` : "0");
        picture.style.backgroundPosition = `${part(column, frame.columns)} ${part(row, rows)}`;
      }
      const [said, sure, truth, strip] = [make("span"), make("span"), make("b", { className: "truth" }), make("canvas")];
      const root = make("div", { className: "tile" }, picture, strip, truth, make("div", { className: "said" }, said, sure));
      root.setAttribute("role", "listitem");
      root.onpointerleave = () => this.point();
      return { root, said, sure, truth, strip };
    });
    this.element.replaceChildren(...this.tiles.map(({ root }) => root));
  }

  // How wide a history is, and its colours.
  measured() {
    const { root, strip } = this.tiles[0];
    const style = getComputedStyle(strip);
    const [good, bad] = [style.getPropertyValue("--good"), style.getPropertyValue("--bad")];
    return { width: root.clientWidth - strip.previousSibling.offsetWidth - 12, good, bad, ink: style.color };
  }

  // A bar for each look: up where it was right, down where it was wrong, as long as the network was sure.
  history(canvas, looks, image, label, at, { width, good, bad, ink }) {
    const pen = sharp(canvas, width, STRIP);
    const step = width / looks.all.length;
    const middle = STRIP / 2;
    looks.all.forEach(({ predicted, sure }, place) => {
      const right = predicted[image] === label;
      const long = Math.max(1, sure[image] * (middle - 1));
      pen.fillStyle = right ? good : bad;
      pen.globalAlpha = place === at ? 1 : 0.55;
      pen.fillRect(place * step, right ? middle - long : middle, Math.max(step - (step > 3 ? 1 : 0), 0.5), long);
    });
    pen.globalAlpha = 1;
    pen.strokeStyle = ink;
    pen.strokeRect(at * step + 0.5, 0.5, Math.max(step - 1, 1), STRIP - 1);
  }
}
