// The rows that belong to a branch of a block.

// The label above a branch.
class BranchRow {
  constructor(list, item) {
    Object.assign(this, { list, item });
    this.label = make("span");
    const remove = iconButton("bin", "Remove", "remove branch", () => {
      const { layer, branch } = this.item;
      list.send({ op: "remove_branch", place: list.placeOf(layer), kind: layer.kind, branch });
    });
    this.remove = remove;
    this.element = make("div", { className: "item branch" }, this.label, remove);
  }

  static signature = () => "branch";

  fill(item) {
    this.item = item;
    const { layer, branch, depth } = item;
    this.element.style.setProperty("--depth", depth);
    this.label.textContent = `branch ${branch + 1}`;
    this.remove.disabled = layer.branches.length <= layer.fewest;
    this.remove.title = `Remove branch ${branch + 1} of ${layer.name}`;
    this.remove.setAttribute("aria-label", this.remove.title);
  }

  control = () => this.remove;
}

// The spot behind the last layer of a branch.
class SlotRow {
  constructor(list, item) {
    Object.assign(this, { list, item });
    this.choice = insertChoice(list, "", (chosen) => list.insert(this.item.place, chosen));
    this.branch = make("button", { className: "mini", type: "button", textContent: "+ branch" });
    this.branch.dataset.key = "add branch";
    this.branch.addEventListener("click", () => {
      const { layer } = this.item;
      list.send({ op: "add_branch", place: list.placeOf(layer), kind: layer.kind });
    });
    this.element = make("div", { className: "item slot" }, this.choice, this.branch);
  }

  static signature = () => "slot";

  fill(item) {
    this.item = item;
    const { layer, branch, place, depth } = item;
    this.element.style.setProperty("--depth", depth);
    const where = layer.most > 1 ? `branch ${branch + 1} of ${layer.name}` : layer.name;
    const hands = layer.most > 1 ? "hands x on" : "F(x) = x";
    this.choice.options[0].textContent = place.at(-1) ? "+ add a layer …" : `empty: ${hands} · + add a layer …`;
    this.choice.setAttribute("aria-label", `Add a layer in ${where}`);
    this.branch.hidden = branch + 1 < layer.branches.length || layer.branches.length >= layer.most;
    this.branch.title = `Add a branch to ${layer.name}`;
    this.branch.setAttribute("aria-label", this.branch.title);
  }

  control = (key) => (key === "add branch" && !this.branch.hidden ? this.branch : this.choice);
}

const ROWS = { layer: LayerRow, branch: BranchRow, slot: SlotRow };
