// The rows of the list. A row is made anew only if it shows other controls than before; else its values change in place.

class LayerRow {
  constructor(list, item) {
    Object.assign(this, { list, item });
    const { layer } = item;
    this.grip = iconButton("grip", "Drag to move", "grip", () => this.element.focus());
    this.grip.tabIndex = -1;
    this.grip.classList.add("grip");
    this.use = make("input", { type: "checkbox" });
    this.use.dataset.key = "use";
    this.use.addEventListener("change", () => this.edit("enable", { value: this.use.checked }));
    this.title = make("b");
    this.kind = list.telling("kind", "kind");
    const name = make("div", { className: "name" }, this.title, this.kind);
    if (isBlock(layer)) name.prepend(this.makeToggle());
    this.line = make("div", { className: "row" }, this.grip, this.use, name, this.makeSettings());
    this.cells = CATALOGUE.columns.map((column, i) => new CellView(list, column, i));
    this.line.append(...this.cells.map((cell) => cell.element), this.makeActions());
    this.findings = make("div", { className: "findings" });
    this.points = make("div", { className: "points" });
    this.element = make("div", { className: "item layer", tabIndex: 0 }, this.line, this.points, this.findings);
    this.element.setAttribute("role", "group");
    this.element.dataset.key = "row";
    list.drag.watch(this);
  }

  static signature(list, { layer }) {
    const shown = shownFields(list, layer).map((field) => field.name);
    return JSON.stringify([layer.kind, shown, list.opened.has(layer.id), layer.most]);
  }

  edit(op, more = {}) {
    const { place, layer } = this.item;
    this.list.send({ op, place, kind: layer.kind, ...more });
  }

  makeToggle() {
    this.toggle = iconButton("opened", "Hide the inner layers", "toggle", () => this.list.toggle(this.item.layer));
    return this.toggle;
  }

  makeSettings() {
    const { layer } = this.item;
    const settings = make("div", { className: "settings" });
    if (isBlock(layer)) {
      this.equation = this.list.telling("equation", "equation", () => this.list.explain(this.item.layer));
      settings.append(this.equation);
    }
    this.fields = shownFields(this.list, layer).map((field) => ({
      name: field.name,
      ...makeField(this.list, settings, field, (value) => this.edit("set", { field: field.name, value })),
    }));
    if (!layer.fields.some((field) => field.rare)) return settings;
    const last = this.fields.length ? settings.lastElementChild : "";
    settings.append(make("span", { className: "last" }, last, this.makeMore()));
    return settings;
  }

  makeMore() {
    const { opened } = this.list;
    const { id, fields } = this.item.layer;
    const names = fields.filter((field) => field.rare).map((field) => field.name);
    const more = make("button", { className: "more", type: "button", textContent: "⋯" });
    more.title = `${opened.has(id) ? "Hide" : "More settings:"} ${names.join(", ")}`;
    more.setAttribute("aria-label", more.title);
    more.setAttribute("aria-expanded", String(opened.has(id)));
    more.dataset.key = "more";
    more.addEventListener("click", () => {
      if (!opened.delete(id)) opened.add(id);
      this.list.draw();
    });
    return more;
  }

  makeActions() {
    const [up, down, copy, bin] = [
      ["up", "Move up", () => this.list.step(this.item, -1)],
      ["down", "Move down", () => this.list.step(this.item, 1)],
      ["copy", "Duplicate", () => this.edit("duplicate")],
      ["bin", "Delete", () => this.list.removeRow(this)],
    ].map(([name, label, act]) => iconButton(name, label, name, act));
    this.buttons = [up, down, copy, bin];
    this.plus = make("span", { className: "icon plus" }, icon("plus"));
    this.insert = insertChoice(this.list, "", (chosen) => this.list.insertAfter(this, chosen));
    this.plus.append(this.insert);
    return make("div", { className: "actions" }, make("div", { className: "steps" }, up, down), copy, bin, this.plus);
  }

  // Everything that is shown, so that a row which shows the same as before is left alone.
  shown({ layer, place, depth }) {
    const { memory, unfolded, explained, foldWarnings } = this.list;
    const block = isBlock(layer) && [memory.isClosed(layer), explained.has(layer.id), countLayers(layer.branches.flat())];
    const folds = [memory.dismissed.size, unfolded.size, foldWarnings];
    return JSON.stringify([{ ...layer, branches: undefined }, place, depth, block, folds]);
  }

  fill(item) {
    this.item = item;
    const shown = this.shown(item);
    if (this.filled === shown) return;
    this.filled = shown;
    const { list, element } = this;
    const { layer, depth } = item;
    element.style.setProperty("--colour", layer.colour);
    element.style.setProperty("--depth", depth);
    element.classList.toggle("off", !layer.enabled);
    element.classList.toggle("behind", !layer.cells);
    element.setAttribute("aria-label", `${layer.name}, ${layer.kind}`);
    this.use.checked = layer.enabled;
    this.use.setAttribute("aria-label", `Use ${layer.name}`);
    this.use.title = layer.enabled ? "In use; untick to leave this layer out" : "Left out; tick to use this layer";
    this.title.textContent = layer.name;
    this.kind.textContent = layer.kind;
    list.says(this.kind, layer.kind, layer.explanation);
    for (const { name, show, input, word } of this.fields) {
      input.setAttribute("aria-label", `${name} of ${layer.name}`);
      const field = layer.fields.find((one) => one.name === name);
      if (input.type === "number") input.placeholder = field.follows ? "auto" : "";
      word?.setAttribute("aria-label", `${word.textContent} ${name} for ${layer.name}`);
      show(field.value);
    }
    this.cells.forEach((cell, i) => cell.fill(layer, layer.cells?.[i]));
    this.fillButtons(layer);
    if (isBlock(layer)) this.fillBlock(layer);
    drawFindings(list, this.findings, layer, item.place);
  }

  fillButtons({ name }) {
    for (const button of [this.grip, ...this.buttons]) button.setAttribute("aria-label", `${button.dataset.label} ${name}`);
    this.plus.title = `Insert a layer after ${name}`;
    this.insert.setAttribute("aria-label", this.plus.title);
  }

  fillSteps(gaps) {
    [-1, 1].forEach((by, i) => (this.buttons[i].disabled = !this.list.drag.stepTarget(this.item, by, gaps)));
  }

  fillBlock(layer) {
    const closed = this.list.memory.isClosed(layer);
    const count = countLayers(layer.branches.flat());
    const label = `${closed ? "Show" : "Hide"} the ${count} inner layers of ${layer.name}`;
    this.toggle.replaceChildren(icon(closed ? "closed" : "opened"));
    Object.assign(this.toggle, { title: label });
    this.toggle.setAttribute("aria-label", label);
    this.toggle.setAttribute("aria-expanded", String(!closed));
    if (closed) this.kind.textContent = `${layer.kind} · ${count}`;
    this.equation.textContent = layer.equation;
    const told = layer.points.map(({ equation, sentence }) => `${equation}. ${sentence}`)[0];
    this.list.says(this.equation, layer.name, `${told ?? "its numbers are not known yet."} Click for more.`);
    const open = this.list.explained.has(layer.id);
    this.equation.setAttribute("aria-expanded", String(open));
    const signature = open ? JSON.stringify(layer.points) : "";
    if (this.points.signature === signature) return;
    this.points.signature = signature;
    this.points.replaceChildren(...(open ? pointElements(layer) : []));
  }

  control(key) {
    if (key === "row") return this.element;
    return [...this.element.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);
  }
}

function shownFields(list, layer) {
  return layer.fields.filter((field) => !field.rare || field.value !== field.default || list.opened.has(layer.id));
}

function pointElements({ points, explanation }) {
  if (!points.length) return [make("div", { className: "point", textContent: `${explanation} Its numbers are not known yet.` })];
  return points.map(({ title, equation, sentence }) =>
    make("div", { className: "point" }, make("b", { textContent: title }), make("code", { textContent: equation }), make("span", { textContent: sentence })),
  );
}
