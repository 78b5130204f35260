// One image, and beside it the same image under its attribution map: opacity and exact values without asking Python.
// data: {image, grey, width, map, scores, gradient, low, high, words, why}; without a map, `why` says the reason.

export default function ({ data, parentElement }) {
  const find = (name) => parentElement.querySelector(name);
  const there = !data.why;
  find(".plain").src = find(".under").src = data.image;
  if (there) find(".map").src = data.map;
  find(".map").hidden = find(".legend").hidden = find(".fade").hidden = !there;
  find(".why").hidden = there;
  find(".why").textContent = data.why ?? "";
  find(".scale").style.background = data.gradient ?? "";
  find(".low").textContent = data.low ?? "";
  find(".high").textContent = data.high ?? "";
  find(".legend").title = data.words ?? "";

  const slider = find(".fade input");
  slider.oninput = () => {
    find(".map").style.opacity = slider.value / 100;
    find(".percent").textContent = `${slider.value} %`;
  };
  slider.oninput();

  const cursors = [...parentElement.querySelectorAll(".cursor")];
  const told = find(".told");
  const height = data.grey.length / data.width;
  const rest = () => {
    cursors.forEach((cursor) => (cursor.style.display = "none"));
    told.textContent = "Point at a pixel to read its values.";
  };
  parentElement.querySelectorAll(".picture").forEach((picture) => {
    picture.onmousemove = (event) => {
      const box = picture.getBoundingClientRect();
      const column = clamp(Math.floor(((event.clientX - box.left) / box.width) * data.width), data.width);
      const row = clamp(Math.floor(((event.clientY - box.top) / box.height) * height), height);
      const place = row * data.width + column;
      cursors.forEach((cursor) => {
        cursor.style.display = "block";
        cursor.style.left = `${(100 * column) / data.width}%`;
        cursor.style.top = `${(100 * row) / height}%`;
        cursor.style.width = `${100 / data.width}%`;
        cursor.style.height = `${100 / height}%`;
      });
      const score = there ? `, score ${data.scores[place].toPrecision(3)}` : "";
      told.textContent = `Row ${row}, column ${column}: grey ${data.grey[place]}${score}`;
    };
    picture.onmouseleave = rest;
  });
  rest();
}

function clamp(value, size) {
  return Math.max(0, Math.min(size - 1, value));
}
