// The keyboard: a row has the focus, or a control in it.

const KEYS = [
  ["↑ ↓", "from row to row"],
  ["Enter", "to the first setting, Esc back to the row"],
  ["← →", "close and open a block"],
  ["Space", "use the layer or leave it out"],
  ["Alt + ↑ ↓", "move the layer, also into an open block and out again"],
  ["Insert or +", "insert a layer behind this one"],
  ["Delete", "delete the layer"],
  ["Ctrl + D", "duplicate the layer"],
  ["Ctrl + Z", "undo, with Shift redo"],
];
const TYPING = "input[type=number], input[type=text], input[type=search], textarea, select";

class Keyboard {
  constructor(list) {
    this.list = list;
    list.list.addEventListener("keydown", (event) => this.press(event));
    const outside = (event) => {
      if (!list.list.isConnected) document.removeEventListener("keydown", outside);
      else if (!event.composedPath()[0].matches?.(`${TYPING}, [contenteditable=true]`)) this.history(event);
    };
    document.addEventListener("keydown", outside);
  }

  // Undo and redo, wherever on the page nobody types.
  history(event) {
    if (event.defaultPrevented || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    const op = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : undefined;
    if (!op) return;
    event.preventDefault();
    this.list.send({ op });
  }

  press(event) {
    if (event.key === "Escape") return this.escape(event);
    const target = event.composedPath()[0];
    const row = this.list.rowOf(target);
    const typing = target.matches(TYPING);
    const field = typing && row?.fields?.find(({ input }) => input === target);
    if (!typing || (field && !field.isTyping?.())) this.history(event);
    if (!(row instanceof LayerRow)) return;
    const act = this.action(event, row, typing, target === row.element);
    if (!act || event.defaultPrevented) return;
    event.preventDefault();
    act();
  }

  action({ key, altKey, ctrlKey, metaKey }, row, typing, onRow) {
    const { list } = this;
    const by = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (altKey && by) return () => list.step(row.item, by, list.keyOf(list.root.activeElement));
    if ((ctrlKey || metaKey) && key.toLowerCase() === "d") return () => row.edit("duplicate");
    if (typing || altKey || ctrlKey || metaKey) return undefined;
    if (by) return () => list.focusNeighbour(row, by);
    if (key === "Delete" || key === "Backspace") return () => list.removeRow(row);
    if (key === "?") return () => list.showKeys(true);
    if (!onRow) return undefined;
    const { layer } = row.item;
    if (key === "Enter") return () => row.element.querySelector(".settings input, .settings select, .settings button")?.focus();
    if (key === " ") return () => row.edit("enable", { value: !layer.enabled });
    if (key === "Insert" || key === "+") return () => list.menu.open(row.insert, (chosen) => list.insertAfter(row, chosen));
    const closed = isBlock(layer) && list.memory.isClosed(layer);
    if (isBlock(layer) && key === (closed ? "ArrowRight" : "ArrowLeft")) return () => list.toggle(layer);
    return undefined;
  }

  escape(event) {
    const { list } = this;
    if (list.drag.row) list.drag.finish(false);
    else if (!list.legend.hidden) list.showKeys(false);
    else {
      list.pin(undefined);
      const row = list.rowOf(event.composedPath()[0]);
      if (row instanceof LayerRow) row.element.focus({ preventScroll: true });
    }
  }
}

function legendElement() {
  const items = KEYS.flatMap(([key, text]) => [make("kbd", { textContent: key }), make("span", { textContent: text })]);
  return make("div", { className: "legend", hidden: true }, ...items);
}
