// A number, what stands smaller below it, and its share of the whole as a bar.
class CellView {
  constructor(list, column, index) {
    Object.assign(this, { list, column });
    this.number = list.telling("number", `cell ${index}`);
    this.element = make("div", { className: "cell" }, this.number);
    this.below = make("div", { className: "below" });
    this.element.append(this.below);
    if (index === 0) {
      this.unread = list.telling("unread", "unread");
      this.memory = list.telling("memory", "memory");
      this.unread.textContent = "⚠ unread";
      this.below.append(this.unread, this.memory);
    } else if (column.below) {
      this.share = list.telling("share", `share ${index}`);
      this.bar = make("i");
      this.share.append(this.bar);
      this.element.append(this.share);
    }
  }

  fill(layer, cell) {
    const { list, column } = this;
    const why = layer.enabled ? "not known until the layers before it fit" : "this layer is left out";
    this.number.textContent = cell ? cell.value : "—";
    this.number.classList.toggle("zero", cell?.value === "0");
    list.says(this.number, `${layer.name}, ${column.title}`, cell ? cell.formula : why);
    if (this.memory) {
      this.memory.textContent = cell?.below ?? "";
      list.says(this.memory, `${layer.name}, memory`, cell?.belowFormula ?? why);
      this.unread.hidden = !layer.unread;
      list.says(this.unread, `${layer.name}, border`, layer.unread ?? "");
    } else this.below.textContent = cell?.sum ? cell.own || "Σ inside" : ""; // of a block: the join's own part of the sum
    if (!this.share) return;
    this.bar.style.width = `${100 * (cell?.share ?? 0)}%`;
    list.says(this.share, `${layer.name}, share of the ${column.title}`, cell?.shareFormula ?? why);
    this.share.title = cell?.shareFormula ?? "";
    this.share.setAttribute("aria-label", `${layer.name}: ${cell?.shareFormula ?? why}`);
  }
}
