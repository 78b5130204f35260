// What this browser remembers about a design: which blocks are closed, and which warnings were dismissed.

const MANY_LAYERS = 40; // above that the blocks of a design that was opened begin closed

class Memory {
  constructor() {
    this.shutIds = new Set(); // of closed blocks
    this.dismissed = new Set();
  }

  // Begin with a design that was not here before.
  open(design, layers) {
    this.design = design;
    const saved = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
    this.dismissed = new Set(saved?.dismissed);
    this.shutIds.clear();
    const many = countLayers(layers) > MANY_LAYERS;
    for (const block of blocksOf(layers)) {
      if (saved ? saved.closed.includes(block.name) : many) this.shutIds.add(block.id);
    }
  }

  get key() {
    return `autograd-lab layer list: ${this.design}`;
  }

  save(layers) {
    const closed = blocksOf(layers).filter(({ id }) => this.shutIds.has(id)).map(({ name }) => name);
    sessionStorage.setItem(this.key, JSON.stringify({ closed, dismissed: [...this.dismissed] }));
  }

  isClosed(block) {
    return this.shutIds.has(block.id) && !hasProblemInside(block);
  }

  toggle(block) {
    if (!this.shutIds.delete(block.id)) this.shutIds.add(block.id);
  }

  // A warning stays dismissed while only its numbers change.
  mark(layer, { sentence }) {
    return `${layer.name} ${sentence.replace(/\d[\d,.]*/g, "#")}`;
  }

  warningsOf(layer) {
    return layer.warnings.filter((warning) => !this.dismissed.has(this.mark(layer, warning)));
  }
}

function blocksOf(layers) {
  return layers.filter(isBlock).flatMap((block) => [block, ...blocksOf(block.branches.flat())]);
}

function hasProblemInside({ branches }) {
  return branches.flat().some((layer) => layer.problem || (isBlock(layer) && hasProblemInside(layer)));
}
