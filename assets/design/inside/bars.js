// The numbers of a flat layer as bars from zero; of the last layer also the class and its probability.

class Bars {
  constructor(choose, point) {
    this.choose = choose;
    this.point = point;
    this.element = make("div", { className: "bars" });
    this.element.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      const rows = [...this.element.querySelectorAll("button")];
      const next = rows[rows.indexOf(event.target) + by];
      if (!by || !next) return;
      event.preventDefault();
      next.focus();
      next.click();
    });
  }

  draw({ values, shape, extent, signed }, first, scores, label) {
    const count = shape[0];
    this.first = first;
    this.element.classList.toggle("scored", Boolean(scores));
    const head = scores ? [make("div", { className: "head" }, ...["class", "logit", "", "probability"].map((textContent) => make("span", { textContent })))] : [];
    const most = scores ? scores.reduce((best, one, at) => (one.probability > scores[best].probability ? at : best), 0) : -1;
    const rows = Array.from({ length: count }, (_, at) => this.makeRow(at, values[at], extent, signed, scores?.[at], at === most, at === label));
    // in place where nothing but numbers changes, so that the focus stays
    const focused = [...this.element.querySelectorAll("button")].indexOf(this.element.getRootNode().activeElement);
    this.element.replaceChildren(...head, ...rows);
    if (focused >= 0) rows[focused]?.focus({ preventScroll: true });
  }

  makeRow(at, value, extent, signed, score, most, right) {
    const share = extent > 0 && Number.isFinite(value) ? value / extent : 0;
    const bar = make("div", { className: share < 0 ? "bar below" : "bar" });
    const span = signed ? 50 : 100;
    bar.style.width = `${span * Math.abs(share)}%`;
    bar.style.left = signed ? `${share < 0 ? 50 - span * -share : 50}%` : "0";
    const track = make("div", { className: signed ? "track signed" : "track" }, bar);
    const name = make("span", { className: "name", textContent: score ? score.name : this.first + at });
    const number = make("span", { className: "value", textContent: short(value) });
    const row = make("button", { type: "button", className: `unit${most ? " most" : ""}` }, name, number, track);
    if (score) {
      const fill = make("div", { className: "bar" });
      fill.style.width = `${100 * (score.probability || 0)}%`;
      row.append(make("div", { className: "track probability" }, fill), make("span", { className: "value", textContent: percent(score.probability) }));
      if (right) name.append(" ✓");
    }
    const words = score ? `${score.name}: output ${exact(value)}, probability ${exact(score.probability)}${right ? ", the true class" : ""}` : `unit ${this.first + at}: ${exact(value)}`;
    row.onpointermove = () => this.point(words);
    row.onpointerleave = () => this.point();
    row.onclick = () => this.choose(this.first + at);
    return row;
  }

  mark(channel) {
    [...this.element.querySelectorAll("button")].forEach((row, at) => {
      row.setAttribute("aria-pressed", this.first + at === channel);
      row.tabIndex = this.first + at === channel ? 0 : -1;
    });
  }
}

function percent(share) {
  if (!(share >= 0)) return "—";
  return share >= 0.1 ? `${(100 * share).toFixed(0)} %` : share >= 0.001 ? `${(100 * share).toFixed(1)} %` : "< 0.1 %";
}
