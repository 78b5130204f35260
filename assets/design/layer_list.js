// The list of layers with its controls. What is shown comes from Python; what a person does goes to Python as edits.
//
// Edits are numbered and sent until Python says that it has applied them (`data.applied`), so that none is lost or
// applied twice, however quickly they follow one another.

const ICONS = {
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
  copy: "M6 6h7v7H6zM3 10V3h7",
  bin: "M3 5h10M6 5V3h4v2M5 5l.6 8h4.8L11 5",
  plus: "M8 3v10M3 8h10",
};
const HINT = "Point at a number or a name to see where it comes from.";
const PAUSE = 350; // milliseconds without a keystroke after which a typed number counts

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

class LayerList {
  constructor(root) {
    this.root = root;
    this.rows = [];
    this.open = new Set(); // indices of the rows that show their rare settings
    this.pending = [];
    this.serial = 0;
    this.told = make("div", { className: "told", textContent: HINT });
    this.told.setAttribute("aria-live", "polite");
    this.body = make("div", { className: "body" });
    this.foot = make("div", { className: "foot" });
    this.whole = make("div");
    this.head = make("div", { className: "head" });
    this.list = make("div", { className: "list" }, this.head, this.body, this.whole, this.foot, this.told);
    root.append(this.list);
  }

  update(data, setStateValue) {
    this.data = { ...data, layers: [...data.layers] };
    this.setStateValue = setStateValue;
    this.serial = Math.max(this.serial, data.applied);
    this.pending = this.pending.filter((edit) => edit.serial > data.applied);
    for (const edit of this.pending) this.anticipate(edit);
    this.draw();
  }

  draw() {
    const { layers, whole } = this.data;
    this.drawHead();
    layers.forEach((layer, index) => this.drawRow(layer, index));
    this.rows.splice(layers.length).forEach((row) => row.element.remove());
    this.drawProblem(this.whole, whole);
    this.drawFoot();
    this.restoreFocus();
    this.tell(this.source);
  }

  send(edit) {
    this.pending = [...this.pending, { serial: ++this.serial, ...edit }];
    this.anticipate(edit);
    this.draw();
    this.setStateValue("edits", this.pending);
  }

  // What Python is going to do, done here at once, so that the next click meets the layer that it is meant for.
  anticipate({ op, place, by, new: kind, field, value }) {
    const { layers } = this.data;
    const [index] = place ?? [];
    const unknown = { name: "…", kind, explanation: "", colour: "transparent", enabled: true, fields: [] };
    if (op === "insert") layers.splice(index, 0, unknown);
    if (op === "duplicate") layers.splice(index, 0, layers[index]);
    if (op === "remove") layers.splice(index, 1);
    if (op === "move") layers.splice(index + by, 0, ...layers.splice(index, 1));
    if (op === "enable") layers[index] = { ...layers[index], enabled: value };
    if (op === "set") {
      const fields = layers[index].fields.map((one) => (one.name === field ? { ...one, value } : one));
      layers[index] = { ...layers[index], fields };
    }
  }

  // The line at the bottom says what `source` has to say, and keeps up with it while the design changes.
  tell(source) {
    this.source = source?.isConnected ? source : undefined;
    const { term, text } = this.source?.dataset ?? { term: "", text: HINT };
    this.told.replaceChildren(make("b", { textContent: term }), term && text ? `: ${text}` : text);
  }

  // A number or a name that says where it comes from when it is pointed at, focused or clicked.
  telling(className, label) {
    const button = make("button", { className, type: "button" });
    const tell = () => this.tell(button);
    for (const event of ["pointerenter", "focus", "click"]) button.addEventListener(event, tell);
    if (label) button.setAttribute("aria-label", label);
    return button;
  }

  drawHead() {
    if (this.head.children.length) return;
    this.head.append(make("span"), ...["layer", "settings"].map((textContent) => make("span", { textContent })));
    for (const { title, meaning } of this.data.columns) {
      const button = this.telling("number");
      Object.assign(button, { textContent: title });
      Object.assign(button.dataset, { term: title, text: meaning });
      this.head.append(button);
    }
    this.head.append(make("span"));
  }

  // A row is made anew only if it shows other controls than before; else its values change in place.
  drawRow(layer, index) {
    const shown = layer.fields.filter((field) => !field.rare || !field.isDefault || this.open.has(index));
    const signature = JSON.stringify([layer.kind, shown.map((field) => field.name), this.open.has(index)]);
    let row = this.rows[index];
    if (row?.signature !== signature) {
      const fresh = this.makeRow(layer, index, shown);
      fresh.signature = signature;
      if (row) row.element.replaceWith(fresh.element);
      else this.body.append(fresh.element);
      row = this.rows[index] = fresh;
    }
    this.fillRow(row, layer, shown, index);
  }

  makeRow(layer, index, shown) {
    const edit = (op, more = {}) => this.send({ op, place: [index], kind: layer.kind, ...more });
    const use = make("input", { type: "checkbox" });
    use.addEventListener("change", () => edit("enable", { value: use.checked }));
    const title = make("b");
    const kind = this.telling("kind");
    const settings = make("div", { className: "settings" });
    const inputs = shown.map((field) => this.makeField(settings, field, edit));
    if (layer.fields.some((field) => field.rare)) settings.append(this.makeMore(layer, index));
    const numbers = this.data.columns.map(() => this.telling("number"));
    const buttons = [
      ["up", "Move up", () => this.move(index, -1, edit)],
      ["down", "Move down", () => this.move(index, 1, edit)],
      ["copy", "Duplicate", () => edit("duplicate")],
      ["bin", "Delete", () => edit("remove")],
    ].map(([name, label, act]) => this.makeButton(name, label, act));
    const plus = make("span", { className: "icon plus" }, icon("plus"));
    plus.append(this.makeChoice("", (chosen) => this.send({ op: "insert", place: [index + 1], new: chosen })));
    const actions = make("div", { className: "actions" }, ...buttons, plus);
    const line = make("div", { className: "row" }, use, make("div", { className: "name" }, title, kind), settings);
    line.append(...numbers, actions);
    const problem = make("div");
    const element = make("div", { className: "layer" }, line, problem);
    element.setAttribute("role", "group");
    element.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!event.altKey || !by) return;
      event.preventDefault();
      this.move(index, by, edit);
    });
    return { element, use, title, kind, inputs, numbers, buttons, plus, problem };
  }

  move(index, by, edit) {
    if (index + by < 0 || index + by >= this.data.layers.length) return;
    this.focusAt = { index: index + by, button: by < 0 ? 0 : 1 };
    edit("move", { by });
  }

  makeButton(name, label, act) {
    const button = make("button", { className: "icon", type: "button", title: label }, icon(name));
    button.dataset.label = label;
    button.addEventListener("click", act);
    return button;
  }

  makeMore(layer, index) {
    const open = this.open.has(index);
    const names = layer.fields.filter((field) => field.rare).map((field) => field.name);
    const more = make("button", { className: "more", type: "button", textContent: "⋯" });
    more.title = `${open ? "Hide" : "More settings:"} ${names.join(", ")}`;
    more.setAttribute("aria-expanded", String(open));
    more.addEventListener("click", () => {
      if (!this.open.delete(index)) this.open.add(index);
      this.drawRow(this.data.layers[index], index);
    });
    return more;
  }

  // A list of all layer kinds that sends the chosen one and then shows its first line again.
  makeChoice(first, act) {
    const select = make("select", { className: "add" }, make("option", { textContent: first, value: "" }));
    for (const { group, kinds } of this.data.kinds) {
      const options = kinds.map((kind) => make("option", { textContent: kind, value: kind }));
      select.append(Object.assign(make("optgroup", {}, ...options), { label: group }));
    }
    select.addEventListener("change", () => {
      if (select.value) act(select.value);
      select.value = "";
    });
    return select;
  }

  makeField(parent, field, edit) {
    const tick = field.type === "bool";
    const input = make("input", { type: tick ? "checkbox" : "number" });
    parent.append(make("label", { className: tick ? "tick" : "" }, field.name, input));
    Object.assign(input.dataset, { term: field.name, text: `${field.meaning} Allowed: ${field.allowed}.` });
    input.addEventListener("focus", () => this.tell(input));
    if (tick) {
      input.addEventListener("change", () => edit("set", { field: field.name, value: input.checked }));
      return input;
    }
    Object.assign(input, { min: field.low, max: field.high, step: field.type === "int" ? 1 : 0.05 });
    input.style.setProperty("--wide", `${Math.max(field.type === "int" ? 46 : 58, 5.3 * field.name.length)}px`);
    let timer;
    const commit = () => {
      clearTimeout(timer);
      input.typing = false;
      const empty = input.value === "" && !input.validity.badInput;
      const number = Number(input.value);
      const whole = field.type === "float" || Number.isInteger(number);
      const ok = empty ? field.follows : whole && number >= field.low && number <= field.high;
      input.classList.toggle("wrong", !ok);
      if (!ok) this.tell(input);
      const value = empty ? null : number;
      if (ok && value !== input.sent) edit("set", { field: field.name, value: (input.sent = value) });
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      input.typing = true;
      timer = setTimeout(commit, PAUSE);
    });
    input.addEventListener("change", commit);
    input.addEventListener("blur", () => {
      commit();
      if (input.classList.contains("wrong")) this.show(input, input.known);
    });
    return input;
  }

  show(input, value) {
    input.value = value ?? "";
    input.sent = value;
    input.classList.remove("wrong");
  }

  fillRow(row, layer, shown, index) {
    const { element, use, title, kind, inputs, numbers, buttons, plus } = row;
    element.style.setProperty("--colour", layer.colour);
    element.className = `layer${layer.enabled ? "" : " off"}${layer.cells ? "" : " behind"}`;
    element.setAttribute("aria-label", `${layer.name}, ${layer.kind}`);
    use.checked = layer.enabled;
    use.setAttribute("aria-label", `Use ${layer.name}`);
    use.title = layer.enabled ? "In use; untick to leave this layer out" : "Left out; tick to use this layer";
    title.textContent = layer.name;
    kind.textContent = layer.kind;
    Object.assign(kind.dataset, { term: layer.kind, text: layer.explanation });
    shown.forEach((field, i) => {
      const input = inputs[i];
      input.setAttribute("aria-label", `${field.name} of ${layer.name}`);
      if (field.type === "bool") {
        input.checked = field.value;
        return;
      }
      input.placeholder = field.follows ? "auto" : "";
      input.known = field.value;
      const wrong = this.root.activeElement === input && input.classList.contains("wrong");
      if (!wrong && !input.typing) this.show(input, field.value);
    });
    numbers.forEach((button, i) => {
      const cell = layer.cells?.[i];
      button.textContent = cell ? cell.value : "—";
      button.classList.toggle("zero", cell?.value === "0");
      Object.assign(button.dataset, {
        term: `${layer.name}, ${this.data.columns[i].title}`,
        text: cell ? cell.formula : layer.enabled ? "not known until the layers before it fit" : "this layer is left out",
      });
    });
    buttons.forEach((button) => button.setAttribute("aria-label", `${button.dataset.label} ${layer.name}`));
    buttons[0].disabled = index === 0;
    buttons[1].disabled = index === this.data.layers.length - 1;
    plus.title = `Insert a layer after ${layer.name}`;
    plus.querySelector("select").setAttribute("aria-label", plus.title);
    this.drawProblem(row.problem, layer.problem);
  }

  drawProblem(place, problem) {
    place.className = problem ? `problem ${problem.start ? "start" : ""}` : "";
    place.replaceChildren();
    if (!problem) return;
    place.setAttribute("role", "status");
    place.append(make("span", { textContent: problem.sentence }));
    for (const label of problem.fixes) {
      const mend = make("button", { className: "mend", type: "button", textContent: label });
      mend.addEventListener("click", () => this.send({ op: "fix", label }));
      place.append(mend);
    }
  }

  drawFoot() {
    if (!this.foot.children.length) {
      const add = (chosen) => this.send({ op: "insert", place: [this.data.layers.length], new: chosen });
      const choice = this.makeChoice("Add a layer at the end …", add);
      choice.setAttribute("aria-label", "Add a layer at the end");
      this.foot.append(make("div", { className: "adding" }, choice));
      this.totals = this.data.totals.map(() => this.telling("number"));
      this.foot.append(...this.totals);
    }
    this.data.totals.forEach(({ term, value, text }, i) => {
      this.totals[i].textContent = value;
      Object.assign(this.totals[i].dataset, { term, text });
    });
  }

  restoreFocus() {
    if (!this.focusAt) return;
    const { index, button } = this.focusAt;
    this.focusAt = undefined;
    const row = this.rows[index];
    const wanted = row?.buttons[button];
    (wanted?.disabled ? row.buttons[1 - button] : wanted)?.focus();
  }
}

export default function ({ data, parentElement, setStateValue }) {
  parentElement.layerList ??= new LayerList(parentElement);
  parentElement.layerList.update(data, setStateValue);
}
