// The menu of what can be inserted: searched by typing, with a sentence about each. Behind it lies a plain select,
// which screen readers and the keyboard of a telephone know.

class InsertMenu {
  constructor(list) {
    this.list = list;
    this.search = make("input", { type: "search", placeholder: "Search: conv, pool, block …" });
    this.search.setAttribute("aria-label", "Search what to insert");
    this.entries = make("div", { className: "entries" });
    this.entries.setAttribute("role", "listbox");
    this.element = make("div", { className: "menu" }, this.search, this.entries);
    this.element.setAttribute("popover", "auto");
    this.search.addEventListener("input", () => this.filter());
    this.element.addEventListener("keydown", (event) => this.press(event));
    this.element.addEventListener("toggle", (event) => {
      if (event.newState === "closed" && this.list.root.activeElement === null) this.opener?.focus({ preventScroll: true });
    });
    list.root.append(this.element);
  }

  build(groups) {
    this.options = [];
    for (const { group, colour, kinds } of groups) {
      const title = make("div", { className: "group", textContent: group });
      const options = kinds.map((kind) => {
        const option = make("button", { className: "entry", type: "button" });
        option.append(make("b", { textContent: kind.name }), make("span", { textContent: kind.explanation }));
        option.setAttribute("role", "option");
        option.style.setProperty("--colour", colour);
        option.addEventListener("click", () => this.choose(kind.name));
        option.addEventListener("pointermove", () => this.mark(option));
        return Object.assign(option, { words: `${kind.name} ${group}`.toLowerCase(), more: kind.explanation.toLowerCase() });
      });
      this.entries.append(title, ...options);
      this.options.push(...options);
      title.members = options;
    }
  }

  open(opener, act) {
    if (!this.options) this.build(CATALOGUE.offered);
    Object.assign(this, { opener, act });
    this.search.value = "";
    this.filter();
    this.element.showPopover();
    const { left, right, top, bottom } = opener.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const below = bottom + height < innerHeight || top < height;
    this.element.style.left = `${Math.max(8, Math.min(right - width > 8 ? right - width : left, innerWidth - width - 8))}px`;
    this.element.style.top = `${Math.max(8, below ? Math.min(bottom + 2, innerHeight - height - 8) : top - height - 2)}px`;
    this.search.focus({ preventScroll: true });
  }

  // Names that hold what was typed come first; else kinds whose sentence holds it.
  filter() {
    const wanted = this.search.value.trim().toLowerCase();
    const named = this.options.filter((option) => option.words.includes(wanted));
    const shown = new Set(named.length ? named : this.options.filter((option) => option.more.includes(wanted)));
    for (const option of this.options) option.hidden = !shown.has(option);
    for (const title of this.entries.querySelectorAll(".group")) title.hidden = title.members.every((one) => one.hidden);
    this.entries.scrollTop = 0;
    this.mark([...shown][0]);
  }

  mark(option) {
    this.marked?.classList.remove("marked");
    this.marked = option;
    option?.classList.add("marked");
  }

  press(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    event.stopPropagation();
    if (event.key === "Enter" && this.marked) {
      event.preventDefault();
      this.choose(this.marked.querySelector("b").textContent);
    }
    if (!step) return;
    event.preventDefault();
    const shown = this.options.filter((option) => !option.hidden);
    this.mark(shown[(shown.indexOf(this.marked) + step + shown.length) % shown.length]);
    this.marked.scrollIntoView({ block: "nearest" });
  }

  choose(name) {
    this.element.hidePopover();
    this.act(name);
  }
}

// A select of all that can be inserted; it sends what is chosen and then shows its first line again.
function insertChoice(list, first, act) {
  list.choice ??= selectOf(CATALOGUE.offered);
  const select = list.choice.cloneNode(true);
  select.options[0].textContent = first;
  select.addEventListener("change", () => {
    const chosen = select.value;
    select.value = "";
    if (chosen) act(chosen);
  });
  const open = (event) => {
    event.preventDefault();
    select.focus({ preventScroll: true });
    list.menu.open(select, act);
  };
  select.addEventListener("mousedown", (event) => event.preventDefault()); // it would open the plain select
  select.addEventListener("click", open); // not sooner: the pointer that is let go closes what is open
  select.addEventListener("keydown", (event) => {
    if (["Enter", " ", "ArrowDown"].includes(event.key) && !event.altKey) {
      event.stopPropagation();
      open(event);
    }
  });
  select.dataset.key = "insert";
  return select;
}

function selectOf(groups) {
  const select = make("select", { className: "add" }, make("option", { value: "" }));
  for (const { group, kinds } of groups) {
    const options = kinds.map(({ name }) => make("option", { textContent: name, value: name }));
    select.append(Object.assign(make("optgroup", {}, ...options), { label: group }));
  }
  return select;
}
