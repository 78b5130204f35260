// Learning curves on a canvas: a drawing takes a few milliseconds, so that a run beside it loses little.
// `chart` is what core/figures/curve_charts.py says, `figure` what core/figures/curves.py does, its points unpacked.

const FONT = 15; // pixels, readable from the back of a lecture hall
const LABEL = 14; // of a mark
const WIDE = 2.5;
const FAINT = 0.3;
const BELOW = 44; // pixels for the numbers and the title of the x-axis

class Chart {
  constructor() {
    this.title = make("div", { className: "title" });
    const corners = drawn("svg", { width: 14, height: 14, fill: "none", stroke: "currentColor", "stroke-width": 1.5 });
    corners.append(drawn("path", { d: "M1 5V1h4M9 1h4v4M13 9v4H9M5 13H1V9" }));
    this.full = make("button", { type: "button", className: "full", title: "Fill the screen, and back" }, corners);
    this.full.setAttribute("aria-label", "Fill the screen");
    this.full.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : this.element.requestFullscreen()));
    this.legend = make("div", { className: "legend" });
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.told = make("div", { className: "told", hidden: true });
    this.box = make("div", { className: "box" }, this.canvas, this.told);
    this.element = make("figure", {}, this.title, this.full, this.legend, this.box);
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => this.point());
    new ResizeObserver(() => this.draw()).observe(this.box);
    this.element.addEventListener("transitionend", () => this.draw()); // the theme's colour changed
  }

  set(chart, height) {
    this.chart = chart;
    this.title.textContent = chart.title;
    this.canvas.setAttribute("aria-label", chart.alt);
    this.box.style.setProperty("--height", `${height}px`);
    const key = ({ label, colour, dash }) => {
      const line = drawn("svg", { width: 18, height: 4, "aria-hidden": true });
      line.append(drawn("line", { x1: 0, y1: 2, x2: 18, y2: 2, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash.join(" ") }));
      return make("span", {}, line, label);
    };
    this.legend.replaceChildren(...(chart.legend ? chart.series.map(key) : []));
    this.draw();
  }

  show(figure) {
    this.figure = figure;
    this.draw();
    const last = this.curves?.filter(({ smooth }) => smooth.length).map(({ series, smooth }) => `${series.label} ${TICK[this.chart.kind](smooth.at(-1)[1])}`);
    this.canvas.setAttribute("aria-label", [this.chart.alt, ...(last ?? [])].join("; "));
  }

  // The points of a series between which there is a value of `column`, as [x, value, place of the point].
  values(series, column) {
    const points = this.figure.series[series.label];
    const [count, width] = points.shape;
    const [x, y] = ["x", column].map((name) => this.chart.columns.indexOf(name));
    const found = [];
    for (let at = 0; at < count * width; at += width) {
      const value = points.values[at + y];
      if (Number.isFinite(value) && !(this.chart.log && value <= 0)) found.push([points.values[at + x], value, at]);
    }
    return found;
  }

  draw() {
    const { chart, figure, canvas } = this;
    const [width, height] = [this.box.clientWidth, this.box.clientHeight];
    if (!chart || !figure || !width) return;
    const sharp = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp))
      Object.assign(canvas, { width: Math.round(width * sharp), height: Math.round(height * sharp) });
    const pen = canvas.getContext("2d");
    const style = getComputedStyle(this.element);
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.lineJoin = "round";
    this.pen = pen;
    this.ink = style.color;
    this.paper = style.backgroundColor;
    this.family = style.fontFamily;
    this.curves = chart.series.map((series) => ({ series, raw: this.values(series, chart.field), smooth: this.values(series, chart.smooth) }));
    this.axes(width, height);
    pen.save();
    pen.beginPath();
    pen.rect(this.left - 5, 0, this.right - this.left + 10, this.bottom + 5);
    pen.clip();
    for (const { series, raw, smooth } of this.curves) {
      if (!series.dots && chart.smooth !== chart.field) this.line(series, raw, 1.5, FAINT);
      this.line(series, smooth, WIDE, 1);
      if (series.dots) this.dots(series, raw);
    }
    pen.restore();
    this.marks();
    if (this.near) this.ring();
  }

  axes(width, height) {
    const { chart, figure, pen } = this;
    const shown = this.curves.flatMap(({ raw, smooth }) => [...raw, ...smooth].map(([, value]) => value));
    if (chart.zero) shown.push(0);
    const [low, high] = shown.length ? [Math.min(...shown), Math.max(...shown)] : chart.log ? [0.1, 1] : [0, 1];
    this.bottom = height - BELOW;
    this.top = 8;
    const count = Math.max(2, Math.min(6, Math.round((this.bottom - this.top) / 36)));
    this.y = new Axis(low, high, this.bottom, this.top, { count, nice: true, log: chart.log });
    pen.font = `${FONT}px ${this.family}`;
    const written = this.y.ticks.map((tick) => TICK[chart.kind](tick));
    this.left = 8 + Math.max(20, ...written.map((text) => pen.measureText(text).width));
    this.right = width - 14;
    this.x = new Axis(0, figure.reach, this.left, this.right, { count: width < 330 ? 4 : 6 });
    pen.strokeStyle = pen.fillStyle = this.ink;
    pen.lineWidth = 1;
    pen.textBaseline = "middle";
    pen.textAlign = "right";
    this.y.ticks.forEach((tick, i) => {
      const y = Math.round(this.y.at(tick)) + 0.5;
      pen.globalAlpha = 0.15;
      this.stroke([[this.left, y], [this.right, y]]);
      pen.globalAlpha = 0.75;
      pen.fillText(written[i], this.left - 7, y);
    });
    pen.globalAlpha = 0.15;
    this.stroke([[this.left, this.bottom + 0.5], [this.right, this.bottom + 0.5]]);
    pen.textBaseline = "top";
    for (const tick of this.x.ticks) {
      const x = this.x.at(tick);
      pen.globalAlpha = 0.3;
      this.stroke([[x, this.bottom], [x, this.bottom + 4]]);
      pen.globalAlpha = 0.75;
      pen.textAlign = x > width - 24 ? "right" : "center";
      pen.fillText(TICK[chart.axis.kind](tick), Math.min(x, width), this.bottom + 7);
    }
    pen.textAlign = "center";
    pen.fillText(chart.axis.title, (this.left + this.right) / 2, this.bottom + 26);
    pen.globalAlpha = 1;
  }

  stroke(places) {
    this.pen.beginPath();
    places.forEach(([x, y], i) => (i ? this.pen.lineTo(x, y) : this.pen.moveTo(x, y)));
    this.pen.stroke();
  }

  line({ colour, dash }, points, width, opacity) {
    const { pen } = this;
    const places = points.map(([x, value]) => [this.x.at(x), this.y.at(value)]);
    // stairs: a value holds until the next one
    const path = this.chart.stairs ? places.flatMap(([x, y], i) => (i ? [[x, places[i - 1][1]], [x, y]] : [[x, y]])) : places;
    Object.assign(pen, { strokeStyle: colour, lineWidth: width, globalAlpha: opacity });
    pen.setLineDash(dash);
    this.stroke(path);
    pen.setLineDash([]);
    pen.globalAlpha = 1;
  }

  dots({ colour }, points) {
    const { pen } = this;
    pen.fillStyle = colour;
    pen.globalAlpha = 0.75;
    for (const [x, value] of points) this.dot(x, value, 3.8);
    pen.globalAlpha = 1;
  }

  dot(x, value, radius) {
    this.pen.beginPath();
    this.pen.arc(this.x.at(x), this.y.at(value), radius, 0, 2 * Math.PI);
    this.pen.fill();
  }

  // A line at each moment at which something changed, and then the labels, on paper of their own.
  marks() {
    const { pen, chart } = this;
    pen.font = `${LABEL}px ${this.family}`;
    pen.strokeStyle = this.ink;
    pen.globalAlpha = 0.6;
    pen.lineWidth = 1.5;
    pen.setLineDash([5, 3]);
    for (const { x } of this.figure.marks) this.stroke([[this.x.at(x), this.top], [this.x.at(x), this.bottom]]);
    pen.setLineDash([]);
    pen.textBaseline = "middle";
    pen.textAlign = "left";
    for (const { x, label, side, line } of this.figure.marks) {
      const at = this.x.at(x);
      const width = pen.measureText(label).width;
      const down = (LABEL + 5) * line + LABEL / 2 + 3;
      const y = chart.labels === "top" ? this.top + down : this.bottom - down;
      const left = side === "left" ? at - 6 - width : at + 6;
      pen.globalAlpha = 0.85;
      pen.fillStyle = this.paper;
      pen.fillRect(left - 3, y - LABEL / 2 - 2, width + 6, LABEL + 4);
      pen.fillStyle = this.ink;
      pen.fillText(label, left, y);
      // which line it belongs to
      pen.beginPath();
      pen.arc(at, y, 3, 0, 2 * Math.PI);
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  // Find the point next to the pointer, and tell its numbers.
  point(event) {
    this.near = undefined;
    if (event && this.curves) {
      let least = Infinity;
      for (const { series, raw } of this.curves)
        for (const [x, value, at] of raw) {
          const distance = Math.hypot(this.x.at(x) - event.offsetX, this.y.at(value) - event.offsetY);
          if (distance < least) [least, this.near] = [distance, { series, x, value, at }];
        }
    }
    this.told.hidden = !this.near;
    this.draw();
  }

  ring() {
    const { near, chart } = this;
    const { values } = this.figure.series[near.series.label];
    this.pen.fillStyle = near.series.colour;
    this.dot(near.x, near.value, 5.5);
    const rows = [["split", near.series.label]];
    for (const { column, title, kind } of chart.near) rows.push([title, EXACTLY[kind](values[near.at + chart.columns.indexOf(column)])]);
    this.told.replaceChildren(...rows.map(([title, text]) => make("div", {}, make("span", { textContent: title }), make("b", { textContent: text }))));
    const [x, y] = [this.x.at(near.x), this.y.at(near.value)];
    const aside = x > this.box.clientWidth / 2 ? x - this.told.offsetWidth - 14 : x + 14;
    this.told.style.left = `${Math.max(0, aside)}px`;
    this.told.style.top = `${Math.max(-40, Math.min(y - 40, this.box.clientHeight - this.told.offsetHeight))}px`;
  }
}
