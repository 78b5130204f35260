// A contact sheet: one picture, shown in pieces as buttons, so that hundreds of images cost one transfer.
// data: {name, filling, selected, tall, whole}; filling: {picture, columns, rows, images: [{index, label}], nothing, before,
// after}, or null where the sheet of this `name` is there already; `before` and `after` are the texts to turn to the images
// before or after these. Tells Python the index of an `image`, −1 or 1 to `turn`, or the name of a sheet that is `missing`.

const SIDE = 56; // CSS pixels, twice 28
const SOON = 500; // milliseconds

export default function ({ data, parentElement, setTriggerValue }) {
  const sheet = parentElement.querySelector(".sheet");
  sheet.classList.toggle("tall", data.tall);
  sheet.classList.toggle("whole", data.whole);
  if (sheet.dataset.name !== data.name) {
    if (data.filling) fill(sheet, data.name, data.filling);
    // not at once: until the address of the choice that led here is written, the browser asks with the old one
    else setTimeout(() => sheet.dataset.name !== data.name && setTriggerValue("missing", data.name), SOON);
  }
  sheet.onclick = ({ target }) => {
    const { index, step } = target.dataset;
    if (index) {
      mark(sheet, target);
      setTriggerValue("image", Number(index));
    } else if (step) setTriggerValue("turn", Number(step));
  };
  sheet.onkeydown = ({ key, target }) => {
    const beside = { ArrowLeft: target.previousElementSibling, ArrowRight: target.nextElementSibling }[key];
    beside?.focus();
  };
  mark(sheet, sheet.querySelector(`.thumb[data-index="${data.selected}"]`));
  return () => sheet.isConnected || release(sheet); // a call that another overtook is cleaned up, too
}

function mark(sheet, chosen) {
  sheet.querySelector('[aria-pressed="true"]')?.setAttribute("aria-pressed", false);
  if (!chosen) return;
  chosen.setAttribute("aria-pressed", true);
  show(sheet, chosen);
}

function fill(sheet, name, filling) {
  release(sheet);
  sheet.dataset.name = name;
  sheet.blob = URL.createObjectURL(decoded(filling.picture)); // decoded once, not once a button
  sheet.style.setProperty("--picture", `url(${sheet.blob})`);
  const turns = { before: turn(filling.before, -1), after: turn(filling.after, 1) };
  const images = filling.images.map((image, place) => thumb(image, place, filling));
  sheet.replaceChildren(...turns.before, ...images, ...turns.after);
  if (!images.length) sheet.textContent = filling.nothing;
  sheet.scrollTop = 0;
}

function release(sheet) {
  if (sheet.blob) URL.revokeObjectURL(sheet.blob);
  sheet.blob = null;
  delete sheet.dataset.name;
}

function decoded(address) {
  const bytes = Uint8Array.from(atob(address.split(",")[1]), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}

function thumb({ index, label }, place, { columns, rows }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "thumb";
  button.dataset.index = index;
  button.title = label;
  button.setAttribute("aria-label", label);
  button.setAttribute("aria-pressed", false);
  const [row, column] = [Math.floor(place / columns), place % columns];
  button.style.backgroundSize = `${columns * SIDE}px ${rows * SIDE}px`;
  button.style.backgroundPosition = `${-column * SIDE}px ${-row * SIDE}px`;
  return button;
}

function turn(text, step) {
  if (!text) return [];
  const button = document.createElement("button");
  button.type = "button";
  button.className = "turn";
  button.textContent = text;
  button.dataset.step = step;
  return [button];
}

// Like scrollIntoView, but moves the sheet only, never the page.
function show(sheet, button) {
  const top = button.offsetTop - sheet.offsetTop;
  if (top < sheet.scrollTop) sheet.scrollTop = top - 4;
  const over = top + SIDE - (sheet.scrollTop + sheet.clientHeight);
  if (over > 0) sheet.scrollTop += over + 4;
}
