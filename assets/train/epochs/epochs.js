// One slider over the looks at a run: all that is drawn follows it, here in the browser.
// data: {key, after, looks, frame}, see looks.js; tells Python `lacks`: {key, after, at}, where a stretch is missing.

const HINT = "Point at anything to read its numbers; drag the slider or the heat map.";
const ROOM_BELOW_RUN = 500; // CSS pixels of a screen that are not for the rows: the run above, names and kernels
const PLAY = 250; // milliseconds for a look

class Epochs {
  constructor(root) {
    this.looks = new Looks();
    const point = (text) => (this.told.textContent = text || HINT);
    this.slider = make("input", { type: "range", min: 0, step: 1 });
    this.slider.setAttribute("aria-label", "Epoch");
    this.slider.addEventListener("input", () => this.choose(Number(this.slider.value)));
    this.output = make("output");
    this.play = make("button", { type: "button", textContent: "▶", title: "Play the epochs one after another" });
    this.play.setAttribute("aria-label", "Play the epochs");
    this.play.addEventListener("click", () => (this.timer ? this.pause() : this.run()));
    this.newest = make("button", { type: "button", textContent: "Newest", title: "Follow the newest look" });
    this.newest.addEventListener("click", () => {
      this.pause();
      this.follows = true;
      this.show(this.looks.all.length - 1);
    });
    this.told = make("div", { className: "told", textContent: HINT });
    this.told.setAttribute("role", "status");
    this.heat = new Heat((at) => this.choose(at), point);
    this.matrix = new Matrix(point);
    this.pictures = new Pictures(point);
    this.kernels = new Kernels(point);
    const title = (text) => make("div", { className: "title", textContent: text });
    const bar = make("div", { className: "bar" }, this.play, this.slider, this.output, this.newest);
    this.grid = make(
      "div",
      { className: "grid" },
      make("div", { className: "corner" }),
      make("div", { className: "head" }, title("Accuracy of each class"), this.heat.legend),
      make("div", { className: "head tall" }, title("Rows true, columns predicted"), this.matrix.columns),
      this.heat.names,
      this.heat.box,
      this.matrix.element,
    );
    this.left = make("div", { className: "left" }, this.grid, this.kernels.element, this.told);
    this.side = make("div", { className: "side" }, title("The same images in every epoch"), this.pictures.element);
    this.root = make("div", { className: "epochs" }, bar, make("div", { className: "panels" }, this.left, this.side));
    root.append(this.root);
    this.follows = true;
    this.at = 0;
    new ResizeObserver(() => this.layOut()).observe(this.root);
    this.root.addEventListener("transitionend", () => this.layOut()); // the theme's colour changed
  }

  update(data, setStateValue) {
    const before = this.looks.key;
    const fitted = this.looks.take(data, (lacking) => setTimeout(() => setStateValue("lacks", lacking)));
    if (before !== this.looks.key) {
      this.pause();
      this.follows = true;
    }
    this.root.hidden = !this.looks.all.length;
    if (fitted && this.looks.all.length) this.layOut();
  }

  layOut() {
    const { all, frame } = this.looks;
    if (!all.length || !this.root.clientWidth) return;
    const size = frame.classes.length;
    const room = Math.max(240, Math.min(440, window.innerHeight - ROOM_BELOW_RUN));
    const left = this.grid.clientWidth - this.heat.names.offsetWidth - 16;
    const together = Math.floor(Math.min(room / size, left * 0.56 / size));
    const row = Math.max(11, together);
    this.cell = together >= 11 ? row : (left * 0.5) / size; // many classes: the matrix as a whole beside a long list
    this.grid.classList.toggle("long", together < 11);
    this.slider.max = all.length - 1;
    this.slider.disabled = all.length < 2;
    this.play.disabled = all.length < 2;
    this.heat.draw(this.looks, row, Math.max(60, left - this.cell * size));
    this.show(this.follows ? all.length - 1 : Math.min(this.at, all.length - 1));
  }

  // A person moved to a look.
  choose(at) {
    this.pause();
    this.follows = at === this.looks.all.length - 1;
    this.show(at);
  }

  run() {
    this.play.textContent = "❚❚";
    this.follows = false;
    if (this.at >= this.looks.all.length - 1) this.show(0);
    this.timer = setInterval(() => {
      if (this.at < this.looks.all.length - 1) return this.show(this.at + 1);
      this.pause();
      this.follows = true;
    }, PLAY);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.play.textContent = "▶";
  }

  show(at) {
    this.at = at;
    const look = this.looks.all[at];
    this.slider.value = at;
    const following = this.follows ? " · newest" : "";
    this.output.textContent = `${look.name} · validation ${percent(look.accuracy)} of ${look.images.toLocaleString("en")}${following}`;
    this.slider.setAttribute("aria-valuetext", this.output.textContent);
    this.newest.disabled = this.follows;
    this.heat.mark(at);
    this.matrix.draw(this.looks, look, this.cell);
    this.pictures.draw(this.looks, at);
    this.kernels.draw(this.looks, look, this.left.clientWidth);
  }
}

export default function ({ data, parentElement, setStateValue }) {
  parentElement.epochs ??= new Epochs(parentElement);
  parentElement.epochs.update(data, setStateValue);
}
