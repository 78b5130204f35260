// Sliders that tell Python their values while they are moved, not only when they are let go.
// data: {sliders: [{name, label, low, high, step, unit, title, value}]}; tells `amounts`, {name: value}.

const PAUSE = 60; // milliseconds between two messages

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".sliders");
  root.send = setStateValue;
  if (root.children.length) return; // what a person has moved stays as it is
  let timer;
  const inputs = data.sliders.map((slider) => {
    const input = Object.assign(document.createElement("input"), {
      type: "range", min: slider.low, max: slider.high, step: slider.step, title: slider.title,
    });
    input.value = slider.value;
    input.name = slider.name;
    const amount = Object.assign(document.createElement("span"), { className: "amount" });
    const say = () => (amount.textContent = `${input.value.replace("-", "−")} ${slider.unit}`);
    input.addEventListener("input", () => {
      say();
      timer ??= setTimeout(tell, PAUSE);
    });
    say();
    const label = document.createElement("label");
    label.append(slider.label, input, amount);
    root.append(label);
    return { input, say };
  });
  const tell = () => {
    timer = undefined;
    root.send("amounts", Object.fromEntries(inputs.map(({ input }) => [input.name, Number(input.value)])));
  };
  const back = Object.assign(document.createElement("button"), { type: "button", textContent: "All to 0" });
  back.addEventListener("click", () => {
    inputs.forEach(({ input, say }) => {
      input.value = 0;
      say();
    });
    tell();
  });
  root.append(back);
}
