// See inside: the layers on the left, the chosen one's maps or kernels, and one pixel of it taken apart on the right.
// data: {sentence, ramps, layers, layer, scores, label}; tells Python `look`: {layer, first channel}.

const HINT = "Point at anything to read its number; click a pixel of an output to take it apart; arrow keys move it.";

class Inside {
  constructor(root) {
    this.ramps = undefined;
    this.view = "maps";
    this.channels = new Map(); // the chosen channel of each layer
    const tell = (text) => (this.told.textContent = text || HINT);
    this.layers = new Layers((name) => this.look({ layer: name, first: 0 }));
    this.maps = new Maps((channel) => this.choose(channel), (channel, row, column, value) =>
      tell(channel === undefined ? "" : `channel ${channel}, row ${row}, column ${column}: ${exact(value)}`),
    );
    this.kernels = new Kernels((channel, place) => this.choose(channel, place), tell);
    this.bars = new Bars((channel) => this.choose(channel), tell);
    this.dissection = new Dissection(tell);
    this.sentence = make("div", { className: "sentence" });
    this.told = make("div", { className: "told", textContent: HINT });
    this.name = make("b");
    this.what = make("span");
    this.change = make("div");
    this.formula = make("div", { className: "formula" });
    this.tabs = ["maps", "kernels"].map((view) => {
      const tab = make("button", { type: "button" });
      tab.addEventListener("click", () => this.show(view));
      return tab;
    });
    this.own = make("input", { type: "checkbox" });
    this.own.addEventListener("change", () => this.draw());
    this.ownLabel = make("label", { title: "Otherwise all maps of the layer share one scale, so that they can be compared" }, this.own, "each map its own scale");
    this.legend = make("div", { className: "legend" }, make("span"), make("i"), make("span"));
    this.pages = make("div", { className: "pages" });
    const head = make("div", { className: "head" }, make("div", {}, this.name, " ", this.what), this.change, this.formula);
    const bar = make("div", { className: "tabs" }, ...this.tabs, this.ownLabel);
    this.body = make("div", { className: "body" }, this.maps.element, this.kernels.element, this.bars.element);
    this.middle = make("div", { className: "middle" }, head, bar, this.body, this.legend, this.pages);
    root.append(make("div", { className: "inside" }, this.sentence, this.layers.element, this.middle, this.dissection.element, this.told));
  }

  update(data, setStateValue) {
    this.send = setStateValue;
    this.ramps ??= { signed: new Ramp(data.ramps.signed), unsigned: new Ramp(data.ramps.unsigned) };
    this.data = data;
    const { layer } = data;
    this.layer = { ...layer, scores: data.scores, output: unpack(layer.output), input: unpack(layer.input), kernels: layer.kernels && unpack(layer.kernels), parts: layer.parts.map((part) => (part.values ? unpack(part) : part)) };
    const known = this.channels.get(layer.name) ?? this.strongest();
    const last = layer.first + this.layer.output.shape[0] - 1;
    this.channel = Math.max(layer.first, Math.min(last, known));
    this.sentence.textContent = data.sentence;
    this.layers.draw(data.layers, layer.name);
    this.draw();
  }

  look(asked) {
    if (asked.layer === this.layer.name && asked.first === this.layer.first) return;
    this.send("look", asked);
  }

  // The channel with the largest mean size: it is the one in the list's picture.
  strongest() {
    const { values, shape } = this.layer.output;
    const size = shape[1] * shape[2];
    let [best, most] = [0, -1];
    for (let at = 0; at < shape[0]; at++) {
      const sum = values.subarray(at * size, (at + 1) * size).reduce((total, value) => total + Math.abs(value), 0);
      if (sum > most) [best, most] = [at, sum];
    }
    return this.layer.first + best;
  }

  choose(channel, place) {
    this.channel = channel;
    this.channels.set(this.layer.name, channel);
    this.mark();
    if (place !== undefined) this.dissection.at.place = place;
    this.dissection.choose(channel);
  }

  show(view) {
    this.view = view;
    this.draw();
  }

  scaleOf(at) {
    const { output } = this.layer;
    if (!this.own.checked) return this.scale;
    const size = output.shape[1] * output.shape[2];
    const extent = output.values.subarray(at * size, (at + 1) * size).reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
    return new Scale(this.ramps, { signed: output.signed, extent });
  }

  draw() {
    const { layer, data } = this;
    this.scale = new Scale(this.ramps, layer.output);
    const hasKernels = Boolean(layer.kernels) && layer.kernels.shape[2] * layer.kernels.shape[3] > 0;
    const view = hasKernels ? this.view : "maps";
    this.name.textContent = layer.name;
    this.what.textContent = layer.kind;
    this.change.textContent = layer.change;
    this.formula.textContent = layer.formula;
    this.formula.title = layer.formula;
    this.tabs[0].textContent = layer.flat ? `Values (${layer.channels.toLocaleString("en")})` : `Feature maps (${layer.channels.toLocaleString("en")})`;
    this.tabs[1].textContent = layer.flat ? "Weights" : "Kernels";
    this.tabs[1].disabled = !hasKernels;
    this.tabs.forEach((tab, at) => tab.setAttribute("aria-pressed", (at === 0) === (view === "maps")));
    this.maps.element.hidden = view !== "maps" || layer.flat;
    this.bars.element.hidden = view !== "maps" || !layer.flat;
    this.kernels.element.hidden = view !== "kernels";
    this.ownLabel.hidden = this.maps.element.hidden;
    const kernel = hasKernels ? new Scale(this.ramps, layer.kernels) : undefined;
    if (!this.maps.element.hidden) this.maps.draw(layer.output, layer.first, (at) => this.scaleOf(at));
    if (!this.bars.element.hidden) this.bars.draw(layer.output, layer.first, data.scores, data.label);
    if (!this.kernels.element.hidden) this.kernels.draw(layer.kernels, layer, kernel);
    this.drawLegend(view === "kernels" ? kernel : this.scale);
    this.drawPages();
    this.mark();
    const scales = { ramps: this.ramps, input: new Scale(this.ramps, layer.input), output: (at) => this.scaleOf(at), kernel };
    this.dissection.update(layer, this.channel, scales);
  }

  mark() {
    this.maps.mark(this.channel);
    this.bars.mark(this.channel);
    if (this.layer.kernels) this.kernels.mark(this.channel, this.layer);
  }

  drawLegend(scale) {
    const [low, bar, high] = this.legend.children;
    this.legend.hidden = !this.bars.element.hidden;
    low.textContent = scale.signed ? short(-scale.extent) : "0";
    high.textContent = short(scale.extent);
    bar.style.background = scale.ramp.gradient;
    if (this.own.checked && !this.maps.element.hidden) high.textContent = "each map's own largest";
    if (this.own.checked && !this.maps.element.hidden) low.textContent = "";
  }

  // Of a wide layer a part of its channels is sent at once.
  drawPages() {
    const { layer } = this;
    this.pages.hidden = layer.atOnce >= layer.channels;
    const last = layer.first + layer.output.shape[0];
    const turn = (text, first, there) => {
      const button = make("button", { type: "button", textContent: text, disabled: !there });
      button.addEventListener("click", () => this.look({ layer: layer.name, first }));
      return button;
    };
    this.pages.replaceChildren(
      turn("‹ before", layer.first - layer.atOnce, layer.first > 0),
      make("span", { textContent: `${layer.first}–${last - 1} of ${layer.channels.toLocaleString("en")}` }),
      turn("next ›", last, last < layer.channels),
    );
  }
}

export default function ({ data, parentElement, setStateValue }) {
  parentElement.inside ??= new Inside(parentElement);
  parentElement.inside.update(data, setStateValue);
}
