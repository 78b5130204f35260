// A native list to choose one from, in groups; what can't be chosen is greyed and says why.
// data: {label, groups: [{name, options: [{value, name, lacks, why}]}], chosen}; `lacks` and `why` are the reason in three
// words and in a sentence, "" for what can be chosen. Tells Python the value of the one that was `chosen`.

const PATIENCE = 10_000; // milliseconds for Python's answer to a choice

export default function ({ data, parentElement, setTriggerValue }) {
  const select = parentElement.querySelector("select");
  select.setAttribute("aria-label", data.label);
  fill(select, data.groups);
  select.chosen = data.chosen;
  const tell = () => {
    if (select.told || select.value === select.chosen) return;
    select.told = select.value;
    select.timer = setTimeout(() => show(select), PATIENCE);
    setTriggerValue("chosen", select.value);
  };
  select.onchange = tell;
  if (select.told === data.chosen) {
    clearTimeout(select.timer);
    select.told = "";
    setTimeout(tell); // what was chosen meanwhile: Python hears of one choice after the other, however fast keys are
  } else if (!select.told) show(select);
  select.title = select.selectedOptions[0].title;
}

function show(select) {
  select.told = "";
  select.value = select.chosen;
}

function fill(select, groups) {
  const content = JSON.stringify(groups);
  if (select.content === content) return; // a list that is open stays open
  select.content = content;
  select.replaceChildren(
    ...groups.map(({ name, options }) => {
      const group = Object.assign(document.createElement("optgroup"), { label: name });
      group.append(...options.map(option));
      return group;
    }),
  );
}

function option({ value, name, lacks, why }) {
  const text = lacks ? `${name} (${lacks})` : name;
  return Object.assign(document.createElement("option"), { value, text, title: why, disabled: Boolean(why) });
}
