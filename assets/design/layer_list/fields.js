// The settings of a layer: numbers, ticks, choices, and numbers for which a word may stand ("same").

const PAUSE = 350; // milliseconds without a keystroke after which a typed number counts

// A control for `field`; `set` is called with each new value that is allowed.
function makeField(list, parent, field, set) {
  const control = { bool: tickControl, choice: choiceControl }[field.type] ?? numberControl;
  const made = control(list, field, set);
  const label = make("label", { className: field.type === "bool" ? "tick" : "" }, field.name, made.input);
  const holder = made.word ? make("span", { className: "worded" }, label, made.word) : label;
  parent.append(holder);
  Object.assign(made.input.dataset, { term: field.name, text: `${field.meaning} Allowed: ${field.allowed}.` });
  made.input.dataset.key = `field ${field.name}`;
  made.input.addEventListener("focus", () => list.tell(made.input));
  return made;
}

function tickControl(list, field, set) {
  const input = make("input", { type: "checkbox" });
  input.addEventListener("change", () => set(input.checked));
  return { input, show: (value) => (input.checked = value) };
}

function choiceControl(list, field, set) {
  const options = field.words.map((word) => make("option", { textContent: word, value: word }));
  const input = make("select", { className: "choice" }, ...options);
  input.addEventListener("change", () => set(input.value));
  return { input, show: (value) => (input.value = value) };
}

function numberControl(list, field, set) {
  const [word] = field.words;
  const input = make("input", word ? { type: "text", inputMode: "numeric" } : { type: "number" });
  if (!word) Object.assign(input, { min: field.low, max: field.high, step: field.type === "int" ? 1 : 0.05 });
  input.autocomplete = "off";
  input.style.setProperty("--wide", `${Math.max(field.type === "int" ? 32 : 50, 5 * field.name.length)}px`);
  const control = { input };
  let timer;
  let sent;
  let known;
  control.show = (value) => {
    known = value;
    control.word?.setAttribute("aria-pressed", String(value === word));
    const wrong = list.root.activeElement === input && input.classList.contains("wrong");
    if (!wrong && !control.typing) write(value);
  };
  const write = (value) => {
    if (input.value !== String(value ?? "")) input.value = value ?? "";
    sent = value;
    input.classList.remove("wrong");
  };
  const commit = () => {
    clearTimeout(timer);
    control.typing = false;
    if (!input.isConnected) return;
    const text = input.value.trim();
    const number = Number(text);
    const whole = field.type === "float" || Number.isInteger(number);
    const allowed = text !== "" && whole && number >= field.low && number <= field.high;
    const empty = text === "" && !input.validity.badInput;
    const ok = empty ? field.follows : field.words.includes(text) || allowed;
    input.classList.toggle("wrong", !ok);
    if (!ok) list.tell(input);
    const value = empty ? null : field.words.includes(text) ? text : number;
    if (ok && value !== sent) set((sent = value));
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    control.typing = true;
    timer = setTimeout(commit, PAUSE);
  });
  input.addEventListener("change", commit);
  input.addEventListener("blur", () => {
    commit();
    if (input.classList.contains("wrong")) write(known);
  });
  if (word) addWord(control, field, word, (value) => ((input.value = value), commit()));
  control.isTyping = () => control.typing || input.classList.contains("wrong");
  return control;
}

// Beside the number a button with the word; up and down step as they do in other number fields.
function addWord(control, field, word, put) {
  const { input } = control;
  let last = field.default === word ? field.low : field.default;
  control.word = make("button", { className: "word", type: "button", textContent: word });
  control.word.dataset.key = `word ${field.name}`;
  control.word.addEventListener("click", () => {
    const number = Number(input.value);
    if (input.value !== word && Number.isInteger(number)) last = number;
    put(input.value === word ? last : word);
  });
  input.addEventListener("keydown", (event) => {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!by || event.altKey) return;
    event.preventDefault();
    const number = Number.isInteger(Number(input.value)) ? Number(input.value) + by : last;
    put(Math.min(Math.max(number, field.low), field.high));
  });
}
