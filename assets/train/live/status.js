// How far a run is: a bar, what is said of it, and five numbers, each with what it means.

class Status {
  constructor() {
    this.text = make("div", { className: "text" });
    this.done = make("i");
    this.bar = make("div", { className: "bar" }, this.done);
    this.bar.setAttribute("role", "progressbar");
    this.bar.setAttribute("aria-valuemin", 0);
    this.bar.setAttribute("aria-valuemax", 100);
    this.tiles = make("div", { className: "tiles" });
    this.element = make("div", { className: "status" }, this.text, this.bar, this.tiles);
  }

  setTiles(tiles) {
    if (this.tiles.children.length === tiles.length) return;
    const tile = ({ label, help }, i) => {
      const hint = make("span", { className: "hint", textContent: "?", tabIndex: 0 });
      hint.setAttribute("aria-label", help);
      const words = make("div", { className: "words", textContent: help, ariaHidden: true });
      const late = i > tiles.length / 2 ? " late" : ""; // its words would leave the page on the right
      return make("div", { className: `tile${late}` }, make("span", { textContent: label }), hint, words, make("div", { className: "number" }));
    };
    this.tiles.replaceChildren(...tiles.map(tile));
  }

  show({ fraction, text, numbers }, asked) {
    this.text.textContent = asked + text;
    this.done.style.width = `${100 * fraction}%`;
    this.bar.setAttribute("aria-valuenow", Math.round(100 * fraction));
    this.bar.setAttribute("aria-valuetext", text);
    this.tiles.querySelectorAll(".number").forEach((number, i) => (number.textContent = numbers[i]));
  }
}
