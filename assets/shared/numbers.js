// Numbers as Python sent them, and as people read them.

// {shape, values: base64 of float32} → {shape, values: Float32Array}
function unpack({ shape, values, ...rest }) {
  const bytes = Uint8Array.from(atob(values), (letter) => letter.charCodeAt(0));
  return { ...rest, shape, values: new Float32Array(bytes.buffer) };
}

function minus(text) {
  return text.replaceAll("-", "−");
}

// A few characters, for a calculation: 0.12, 0.031, −3.42, 120, 2.1e−5.
function short(number) {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? "NaN" : number < 0 ? "−∞" : "∞";
  const size = Math.abs(number);
  if (size === 0) return "0";
  if (size < 0.00995) return minus(number.toExponential(1));
  if (size < 0.0995) return minus(number.toFixed(3));
  if (size < 10) return minus(number.toFixed(2));
  if (size < 100) return minus(number.toFixed(1));
  return size < 1e5 ? minus(number.toFixed(0)) : minus(number.toExponential(1));
}

// A negative factor or summand stands in brackets.
function bracketed(number) {
  return number < 0 ? `(${short(number)})` : short(number);
}

// All that float32 knows: seven digits.
function exact(number) {
  return Number.isFinite(number) ? minus(String(Number(number.toPrecision(7)))) : short(number);
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

function drawn(tag, attributes = {}, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}
