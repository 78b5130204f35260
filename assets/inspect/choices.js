// A button that opens a list of boxes to tick, in groups; what can't be chosen is greyed, with the reason beside it.
// data: {label, help, groups: [{name, options: [{value, name, lacks, why}]}], chosen: [value], most}; `lacks` and `why` are
// the reason in three words and in a sentence, "" for what can be chosen; `most` is how many may be ticked at once. Tells
// Python all values that are `chosen` now.

export default function ({ data, parentElement, setTriggerValue }) {
  const find = (name) => parentElement.querySelector(name);
  const groups = find(".groups");
  fill(groups, data.groups);
  find(".help").textContent = data.help;
  const boxes = [...groups.querySelectorAll("input")].filter((box) => box.able);
  const ticked = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const tick = (wanted) => boxes.forEach((box) => (box.checked = wanted(box.value)));
  const count = () => {
    const ticks = ticked().length;
    find(".open").textContent = `${data.label} (${ticks})`;
    boxes.forEach((box) => (box.disabled = !box.checked && ticks >= data.most));
  };
  const tell = () => {
    count();
    groups.told = String(ticked());
    setTriggerValue("chosen", ticked());
  };
  if ((groups.told ?? String(data.chosen)) === String(data.chosen)) {
    groups.told = undefined; // else this answers an earlier tick, and a later one is on its way
    tick((value) => data.chosen.includes(value));
  }
  count();
  const all = (wanted) => () => {
    tick(() => wanted);
    tell();
  };
  boxes.forEach((box) => (box.onchange = tell));
  find(".all").hidden = data.most < boxes.length;
  find(".all").onclick = all(true);
  find(".none").onclick = all(false);
}

function fill(root, groups) {
  const content = JSON.stringify(groups);
  if (root.content === content) return;
  root.content = content;
  root.replaceChildren(
    ...groups.map(({ name, options }) => {
      const group = document.createElement("fieldset");
      group.append(Object.assign(document.createElement("legend"), { textContent: name }), ...options.map(option));
      return group;
    }),
  );
}

function option({ value, name, lacks, why }) {
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", value, disabled: Boolean(why), able: !why });
  const label = Object.assign(document.createElement("label"), { title: why });
  label.append(box, lacks ? `${name} (${lacks})` : name);
  return label;
}
