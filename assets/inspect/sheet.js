// A contact sheet: one picture, shown in pieces as buttons, so that hundreds of images cost one transfer.
// data: {picture, columns, rows, images: [{index, label}], selected, nothing, tall, whole, before, after}; tells Python the index
// of an image, or −1 or 1 to turn to the images before or after these; `before` and `after` are the texts for that.

const SIDE = 56; // CSS pixels, twice 28

export default function ({ data, parentElement, setTriggerValue }) {
  const sheet = parentElement.querySelector(".sheet");
  sheet.classList.toggle("tall", data.tall);
  sheet.classList.toggle("whole", Boolean(data.whole));
  if (sheet.dataset.picture !== data.picture) fill(sheet, data);
  const thumbs = [...sheet.querySelectorAll(".thumb")];
  const mark = (selected) =>
    thumbs.forEach((button, place) => {
      const pressed = data.images[place].index === selected;
      button.setAttribute("aria-pressed", pressed);
      if (pressed) show(sheet, button);
    });
  thumbs.forEach((button, place) => {
    const { index, label } = data.images[place];
    button.title = label;
    button.setAttribute("aria-label", label);
    button.onclick = () => {
      mark(index);
      setTriggerValue("image", index);
    };
    button.onkeydown = (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) thumbs[place + step]?.focus();
    };
  });
  sheet.querySelectorAll(".turn").forEach((button) => {
    button.onclick = () => setTriggerValue("turn", Number(button.dataset.step));
  });
  mark(data.selected);
  return () => release(sheet);
}

function fill(sheet, data) {
  release(sheet);
  sheet.dataset.picture = data.picture;
  sheet.blob = URL.createObjectURL(decoded(data.picture)); // decoded once, not once a button
  sheet.style.setProperty("--picture", `url(${sheet.blob})`);
  const turns = { before: turn(data.before, -1), after: turn(data.after, 1) };
  sheet.replaceChildren(...turns.before, ...data.images.map((_, place) => thumb(data, place)), ...turns.after);
  if (!data.images.length) sheet.textContent = data.nothing;
  sheet.scrollTop = 0;
}

function release(sheet) {
  if (sheet.blob) URL.revokeObjectURL(sheet.blob);
  sheet.blob = null;
  delete sheet.dataset.picture;
}

function decoded(address) {
  const bytes = Uint8Array.from(atob(address.split(",")[1]), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}

function thumb(data, place) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "thumb";
  const [row, column] = [Math.floor(place / data.columns), place % data.columns];
  button.style.backgroundSize = `${data.columns * SIDE}px ${data.rows * SIDE}px`;
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
