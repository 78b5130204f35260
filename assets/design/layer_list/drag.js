// Moving layers: by dragging the grip with mouse, pen or finger, and step by step. Both go through the same gaps: each
// is a place before which a layer can stand, also inside of blocks that are open.

const EDGE = 60; // pixels from the border of the view within which dragging scrolls

class Drag {
  constructor(list) {
    this.list = list;
    this.mark = make("div", { className: "drop", hidden: true });
    this.ghost = make("div", { className: "ghost", hidden: true });
  }

  // Gaps in the order in which they are shown: { place, depth, element }.
  gaps() {
    const gaps = this.list.rows
      .filter(({ item }) => item.type !== "branch")
      .map(({ item, element }) => ({ place: item.place, depth: item.depth, element }));
    const { layers } = this.list.data;
    return [...gaps, { place: [layers.length], depth: 0, element: this.list.end }];
  }

  // A gap where the layer does not stand already, and not in itself.
  static moves(from, { place }) {
    const next = [...from.slice(0, -1), from.at(-1) + 1];
    return !samePlace(place, from) && !samePlace(place, next) && !within(place, from);
  }

  watch(row) {
    row.grip.addEventListener("pointerdown", (down) => {
      if (down.button) return;
      down.preventDefault();
      row.element.focus({ preventScroll: true });
      row.grip.setPointerCapture(down.pointerId);
      const move = (event) => {
        if (!this.row && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > 4) this.begin(row);
        if (this.row) this.follow(event);
      };
      const end = (event) => {
        row.grip.removeEventListener("pointermove", move);
        this.finish(event.type === "pointerup");
      };
      row.grip.addEventListener("pointermove", move);
      row.grip.addEventListener("pointerup", end, { once: true });
      row.grip.addEventListener("pointercancel", end, { once: true });
    });
  }

  begin(row) {
    this.row = row;
    const { name, kind } = row.item.layer;
    this.ghost.textContent = `${name}, ${kind}`;
    this.ghost.hidden = false;
    row.element.classList.add("dragged");
    this.scroller = scrollerOf(this.list.list);
  }

  follow({ clientX, clientY }) {
    this.at = { clientX, clientY };
    this.ghost.style.transform = `translate(${clientX + 14}px, ${clientY + 8}px)`;
    this.seek();
    this.scroll();
  }

  // The gap nearest to the pointer.
  seek() {
    const { clientY } = this.at;
    let nearest;
    for (const gap of this.gaps()) {
      gap.y = gap.element.getBoundingClientRect().top;
      if (!nearest || Math.abs(gap.y - clientY) < Math.abs(nearest.y - clientY)) nearest = gap;
    }
    this.gap = Drag.moves(this.row.item.place, nearest) ? nearest : undefined;
    this.mark.hidden = !this.gap;
    if (!this.gap) return;
    this.mark.style.setProperty("--depth", nearest.depth);
    this.mark.style.top = `${nearest.y - this.list.body.getBoundingClientRect().top}px`;
  }

  scroll() {
    cancelAnimationFrame(this.frame);
    const { top, bottom } = this.scroller.getBoundingClientRect();
    const { clientY } = this.at;
    const by = clientY < top + EDGE ? -8 : clientY > Math.min(bottom, innerHeight) - EDGE ? 8 : 0;
    if (!by) return;
    this.frame = requestAnimationFrame(() => {
      if (!this.row) return;
      this.scroller.scrollTop += by;
      this.seek();
      this.scroll();
    });
  }

  finish(drop) {
    if (!this.row) return;
    cancelAnimationFrame(this.frame);
    const { row, gap } = this;
    row.element.classList.remove("dragged");
    this.ghost.hidden = this.mark.hidden = true;
    this.row = this.gap = undefined;
    if (drop && gap) row.edit("move", { to: gap.place });
  }

  // Where a layer goes by one step up or down: to the next gap that is another place.
  stepTarget({ place }, by, gaps = this.gaps()) {
    const here = gaps.findIndex((gap) => gap.place === place);
    for (let i = here + by; gaps[i]; i += by) if (Drag.moves(place, gaps[i])) return gaps[i].place;
    return undefined;
  }
}
