// Problems and warnings at the layer where they happen, with buttons that mend.

function problemElement(list, finding, place) {
  const element = make("div", { className: `finding problem ${finding.start ? "start" : ""}` });
  element.setAttribute("role", "status");
  element.append(make("span", { className: "sentence", textContent: finding.sentence }));
  element.append(...mendButtons(list, finding, place));
  return element;
}

function warningElement(list, layer, finding, place) {
  const mark = list.memory.mark(layer, finding);
  const folded = list.foldWarnings && !list.unfolded.has(mark);
  const element = make("div", { className: `finding warning ${folded ? "folded" : ""}` });
  element.setAttribute("role", "note");
  const sentence = make("span", { className: "sentence", textContent: finding.sentence });
  element.append(sentence);
  if (list.foldWarnings) {
    const toggle = iconButton(folded ? "closed" : "opened", folded ? "Show the whole warning" : "Fold", `fold ${mark}`, () => {
      if (!list.unfolded.delete(mark)) list.unfolded.add(mark);
      list.draw();
    });
    toggle.setAttribute("aria-expanded", String(!folded));
    element.prepend(toggle);
  } else element.prepend(make("span", { className: "sign", textContent: "⚠" }));
  if (folded) sentence.addEventListener("click", () => (list.unfolded.add(mark), list.draw()));
  else element.append(...mendButtons(list, finding, place));
  element.append(
    iconButton("cross", `Dismiss this warning at ${layer.name}`, `dismiss ${mark}`, () => {
      list.memory.dismissed.add(mark);
      list.remember();
      list.draw();
    }),
  );
  return element;
}

function mendButtons(list, { fixes }, place) {
  return fixes.map((label) => {
    const mend = make("button", { className: "mend", type: "button", textContent: label });
    mend.addEventListener("click", () => list.send({ op: "fix", place, label }));
    return mend;
  });
}

// Redrawn only if they say something else than before, so that a button keeps its focus.
function drawFindings(list, box, layer, place) {
  const shown = list.memory.warningsOf(layer);
  const folds = shown.map((one) => list.foldWarnings && !list.unfolded.has(list.memory.mark(layer, one)));
  const signature = JSON.stringify([layer.name, place, layer.problem, shown, folds, list.foldWarnings]);
  if (box.signature === signature) return;
  box.signature = signature;
  const before = box.offsetHeight;
  const elements = shown.map((one) => warningElement(list, layer, one, place));
  if (layer.problem) elements.unshift(problemElement(list, layer.problem, place));
  box.replaceChildren(...elements);
  list.keepHeight(box, before);
}
