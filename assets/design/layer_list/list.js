// The list as a whole. Edits are numbered and sent until Python says that it has applied them (`data.applied`), so that
// none is lost or applied twice, however quickly they follow one another.

const HINT = "Point at a number or a name to see where it comes from; a click keeps it here. ? shows the keys.";
const FEW_WARNINGS = 2; // more are folded to one line each

class LayerList {
  constructor(root) {
    this.root = root;
    this.rows = [];
    this.opened = new Set(); // ids of the layers that show their rare settings
    this.explained = new Set(); // ids of the blocks that show what they do
    this.unfolded = new Set(); // warnings that are shown whole
    this.held = new Set(); // places of warnings that are gone, kept free until nobody is at work below them
    this.memory = new Memory();
    this.pending = []; // edits that Python has not confirmed, each with the new layers it brings
    this.base = []; // the layers as Python last sent them
    this.serial = 0;
    this.lay();
    this.drag = new Drag(this);
    this.body.append(this.drag.mark);
    root.append(this.drag.ghost);
    this.menu = new InsertMenu(this);
    this.keyboard = new Keyboard(this);
  }

  lay() {
    this.head = make("div", { className: "head" });
    this.body = make("div", { className: "body" });
    this.whole = make("div", { className: "whole" });
    this.foot = make("div", { className: "foot" });
    this.legend = legendElement();
    this.told = make("div", { className: "told", textContent: HINT });
    this.told.setAttribute("aria-live", "polite");
    this.list = make("div", { className: "list" }, this.head, this.body, this.whole, this.foot, this.legend, this.told);
    this.list.addEventListener("pointerover", (event) => (this.pointed = this.rowOf(event.target)));
    this.list.addEventListener("pointerleave", () => {
      this.pointed = undefined;
      if (!this.root.activeElement) this.release();
    });
    this.list.addEventListener("focusout", (event) => {
      if (!this.list.contains(event.relatedTarget) && !this.pointed) this.release();
    });
    this.root.append(this.list);
  }

  update(data, setStateValue) {
    const layers = data.layers.map(described);
    this.setStateValue = setStateValue;
    this.serial = Math.max(this.serial, data.applied);
    for (const { edit, fresh } of this.pending) if (edit.serial <= data.applied) anticipate(this.base, edit, fresh);
    this.pending = this.pending.filter(({ edit }) => edit.serial > data.applied);
    const alike = recognise(this.base, layers);
    if (this.memory.design === undefined || (this.memory.design !== data.design && !alike)) this.memory.open(data.design, layers);
    this.memory.design = data.design;
    this.base = layers;
    this.data = { ...data, layers: structuredClone(layers) };
    for (const { edit, fresh } of this.pending) anticipate(this.data.layers, edit, fresh);
    this.draw();
  }

  send(edit, fresh) {
    const numbered = { serial: ++this.serial, ...edit };
    const brought = edit.op === "duplicate" ? this.copyOf(edit.place) : fresh;
    this.pending = [...this.pending, { edit: numbered, fresh: brought }];
    this.setStateValue("edits", this.pending.map((one) => one.edit)); // Python computes while the browser draws
    anticipate(this.data.layers, numbered, brought);
    this.draw();
  }

  copyOf(place) {
    const layer = sequenceAt(this.data.layers, place)[place.at(-1)];
    return layer ? [identify(structuredClone(layer))] : [];
  }

  insert(place, chosen) {
    const entry = CATALOGUE.offered.flatMap(({ kinds }) => kinds).find(({ name }) => name === chosen);
    const fresh = entry.layers.map(unknown);
    this.focusAt = { id: fresh[0].id, key: "row" };
    this.send({ op: "insert", place, new: chosen }, fresh);
  }

  insertAfter({ item: { place } }, chosen) {
    this.insert([...place.slice(0, -1), place.at(-1) + 1], chosen);
  }

  removeRow(row) {
    const { place } = row.item;
    const layers = this.rows.filter((one) => one instanceof LayerRow);
    const at = layers.indexOf(row);
    const next = layers.slice(at + 1).find(({ item }) => !within(item.place, place)) ?? layers[at - 1];
    this.focusAt = next && { id: next.item.layer.id, key: "row" };
    row.edit("remove");
  }

  step(item, by, key = by < 0 ? "up" : "down") {
    const to = this.drag.stepTarget(item, by);
    if (!to) return;
    this.focusAt = { id: item.layer.id, key };
    this.send({ op: "move", place: item.place, kind: item.layer.kind, to });
  }

  toggle(block) {
    this.memory.toggle(block);
    this.remember();
    this.draw();
  }

  explain({ id }) {
    if (!this.explained.delete(id)) this.explained.add(id);
    this.draw();
  }

  remember() {
    this.memory.save(this.data.layers);
  }

  placeOf({ id }) {
    return this.rows.find(({ item }) => item.type === "layer" && item.layer.id === id)?.item.place;
  }

  rowOf(element) {
    return element?.closest?.(".item")?.row;
  }

  keyOf(element) {
    return element?.dataset?.key;
  }

  focusNeighbour(row, by) {
    const at = this.rows.indexOf(row);
    const others = by > 0 ? this.rows.slice(at + 1) : this.rows.slice(0, at).reverse();
    const next = others.find((one) => one instanceof LayerRow);
    next?.element.focus({ preventScroll: true });
    next?.element.scrollIntoView({ block: "nearest" });
  }

  draw() {
    const focused = this.root.activeElement;
    const held = { row: this.rowOf(focused)?.item.key, key: this.keyOf(focused) };
    this.anchor = (this.rowOf(focused) ?? this.pointed)?.element;
    const top = this.anchor?.getBoundingClientRect().top;
    const { layers, whole } = this.data;
    const warnings = warningsIn(layers);
    this.foldWarnings = warnings.filter(([layer, one]) => !this.memory.dismissed.has(this.memory.mark(layer, one))).length > FEW_WARNINGS;
    this.list.setAttribute("aria-busy", String(this.pending.length > 0)); // Python has not answered yet
    this.drawHead();
    this.drawRows(layers, focused);
    this.whole.replaceChildren(...(whole ? [problemElement(this, whole, null)] : []));
    this.drawFoot(warnings.length);
    this.restoreFocus(focused, held);
    if (top !== undefined && this.anchor.isConnected && !this.focusAt) this.keepInPlace(this.anchor, top);
    this.focusAt = undefined;
    this.tell(this.source);
  }

  drawRows(layers, focused) {
    const known = new Map(this.rows.map((row) => [row.item.key, row]));
    this.rows = itemsOf(layers, (block) => this.memory.isClosed(block)).map((item) => {
      const signature = ROWS[item.type].signature(this, item);
      const old = known.get(item.key);
      const row = old?.signature === signature ? old : new ROWS[item.type](this, item);
      row.signature = signature;
      row.element.row = row;
      row.fill(item);
      return row;
    });
    this.arrange(focused);
    const gaps = this.drag.gaps();
    for (const row of this.rows) row.fillSteps?.(gaps);
  }

  // The rows in their order; the one that has the focus is never taken out.
  arrange(focused) {
    let next = this.body.firstChild;
    for (const { element } of this.rows) {
      if (element.contains(focused)) {
        while (next !== element) {
          const gone = next;
          next = next.nextSibling;
          if (gone !== this.drag.mark) gone.remove();
        }
      }
      if (element === next) next = next.nextSibling;
      else this.body.insertBefore(element, next);
    }
    while (next) {
      const gone = next;
      next = next.nextSibling;
      if (gone !== this.drag.mark) gone.remove();
    }
  }

  restoreFocus(focused, { row: rowKey, key }) {
    const { id } = this.focusAt ?? {};
    const row = this.rows.find(({ item }) => item.key === (id ? `${id}` : rowKey));
    if (!row || (!id && this.root.activeElement === focused && focused.isConnected)) return;
    const wanted = row.control(id ? this.focusAt.key : key);
    const other = { up: "down", down: "up" }[this.focusAt?.key];
    const target = wanted?.disabled && other ? row.control(other) : wanted;
    (target ?? row.element).focus({ preventScroll: true });
    if (id) row.element.scrollIntoView({ block: "nearest" });
  }

  // What a person works at stays where it is on the screen, whatever appears or goes above it.
  keepInPlace(element, top) {
    const by = element.getBoundingClientRect().top - top;
    if (Math.abs(by) >= 1) scrollerOf(this.list).scrollTop += by;
  }

  // Where a warning is gone above the row at work, its room stays free for the moment.
  keepHeight(box, before) {
    const above = this.anchor && box.compareDocumentPosition(this.anchor) & Node.DOCUMENT_POSITION_FOLLOWING;
    box.style.minHeight = "";
    this.held.delete(box);
    if (!above || box.offsetHeight >= before) return;
    box.style.minHeight = `${before}px`;
    this.held.add(box);
  }

  release() {
    for (const box of this.held) box.style.minHeight = "";
    this.held.clear();
  }

  // The line at the bottom says what `source` has to say, and keeps up with it while the design changes.
  tell(source) {
    this.source = source?.isConnected ? source : this.pinned?.isConnected ? this.pinned : undefined;
    const { term, text } = this.source?.dataset ?? { term: "", text: HINT };
    this.told.replaceChildren(make("b", { textContent: term }), term && text ? `: ${text}` : text);
  }

  pin(source) {
    this.pinned?.classList.remove("pinned");
    this.pinned = source === this.pinned ? undefined : source;
    this.pinned?.classList.add("pinned");
    this.tell(this.pinned ?? source);
  }

  // A number or a name that says where it comes from when it is pointed at or focused; a click keeps that in the line.
  telling(className, key, act) {
    const button = make("button", { className, type: "button" });
    if (key) button.dataset.key = key;
    for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => this.tell(button));
    button.addEventListener("pointerleave", () => this.pinned && this.tell(this.pinned));
    button.addEventListener("click", act ?? (() => this.pin(button)));
    return button;
  }

  says(element, term, text) {
    element.dataset.term = term;
    element.dataset.text = text;
  }

  drawHead() {
    if (this.head.children.length) return;
    this.head.append(make("span"), make("span"), make("span", { textContent: "layer" }), make("span", { textContent: "settings" }));
    for (const { title, meaning, below, below_meaning } of CATALOGUE.columns) {
      const cell = make("div", { className: "cell" });
      for (const [word, text] of [[title, meaning], [below, below_meaning]]) {
        if (!word) continue;
        const button = this.telling("number");
        button.textContent = word;
        this.says(button, word, text);
        cell.append(button);
      }
      this.head.append(cell);
    }
    const keys = make("button", { className: "mini", type: "button", textContent: "?" });
    keys.title = "Keys";
    keys.setAttribute("aria-label", "Show the keys of the layer list");
    keys.addEventListener("click", () => this.showKeys(this.legend.hidden));
    this.head.append(make("div", { className: "actions" }, keys));
  }

  showKeys(shown) {
    this.legend.hidden = !shown;
  }

  drawFoot(warnings) {
    if (!this.foot.children.length) {
      const choice = insertChoice(this, "Add a layer at the end …", (chosen) => this.insert([this.data.layers.length], chosen));
      choice.setAttribute("aria-label", "Add a layer at the end");
      this.hidden = make("button", { className: "mini", type: "button" });
      this.hidden.addEventListener("click", () => {
        this.memory.dismissed.clear();
        this.remember();
        this.draw();
      });
      this.foot.append(make("div", { className: "adding" }, choice, this.hidden));
      this.totals = this.data.totals.map(() => this.telling("number"));
      this.foot.append(...this.totals);
    }
    const gone = this.rows.reduce((sum, { item: { type, layer } }) => sum + (type === "layer" ? layer.warnings.length - this.memory.warningsOf(layer).length : 0), 0);
    this.hidden.hidden = !gone;
    this.hidden.textContent = `show ${gone} of ${warnings} warning${warnings > 1 ? "s" : ""} again`;
    this.data.totals.forEach(({ term, value, text }, i) => {
      this.totals[i].textContent = value;
      this.says(this.totals[i], term, text);
    });
  }

  get end() {
    return this.whole;
  }
}

function warningsIn(layers) {
  return layers.flatMap((layer) => [
    ...layer.warnings.map((warning) => [layer, warning]),
    ...(layer.branches ? warningsIn(layer.branches.flat()) : []),
  ]);
}

export default function ({ data, parentElement, setStateValue }) {
  parentElement.layerList ??= new LayerList(parentElement);
  parentElement.layerList.update(data, setStateValue);
}
