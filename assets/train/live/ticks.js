// Where an axis has its ticks, and how their numbers are written.

// 1, 2 or 5 times a power of ten, so that about `count` such steps span `length`.
function stepOf(length, count) {
  const rough = length / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * (rough < 1.5 * power ? 1 : rough < 3.5 * power ? 2 : rough < 7.5 * power ? 5 : 10);
}

// The multiples of a step between two numbers, both included.
function multiples(low, high, step) {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

// 1, 2 and 5 times each power of ten between two positive numbers; the powers alone where that would be too many.
function powers(low, high, most) {
  const found = (of) => {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
      ticks.push(...of.map((digit) => digit * 10 ** power).filter((tick) => tick >= low && tick <= high));
    return ticks;
  };
  const fine = found([1, 2, 5]);
  const coarse = found([1]);
  return fine.length > most && coarse.length > 1 ? coarse : fine;
}

// An axis of a chart: which pixel a number has, and its ticks. `from` and `to` are pixels.
class Axis {
  constructor(low, high, from, to, { count, nice = false, log = false }) {
    this.log = log;
    if (log) {
      if (low === high) [low, high] = [low / 2, high * 2];
      this.ticks = powers(low, high, count + 2);
    } else {
      if (low === high) [low, high] = [low - Math.abs(low || 1) / 2, high + Math.abs(high || 1) / 2];
      this.step = stepOf(high - low, count);
      if (nice) [low, high] = [Math.floor(low / this.step + 1e-9) * this.step, Math.ceil(high / this.step - 1e-9) * this.step];
      this.ticks = multiples(low, high, this.step);
    }
    const place = log ? Math.log : Number;
    this.at = (number) => from + ((place(number) - place(low)) / (place(high) - place(low))) * (to - from);
  }
}

function rounded(number, digits) {
  return minus(String(Number(number.toPrecision(digits))));
}

// 1200 → 1.2k, 50000 → 50k, 3000000 → 3M.
function brief(number) {
  if (Math.abs(number) >= 1e6) return `${rounded(number / 1e6, 4)}M`;
  return Math.abs(number) >= 1e3 ? `${rounded(number / 1e3, 4)}k` : rounded(number, 4);
}

const TICK = {
  loss: (number) => (Math.abs(number) >= 1e4 ? minus(number.toExponential(0)) : rounded(number, 4)),
  share: (number) => `${rounded(100 * number, 4)}%`,
  rate: (number) => rounded(number, 4),
  count: brief,
  place: (number) => number.toLocaleString("en", { maximumFractionDigits: 3 }),
};

const EXACTLY = {
  loss: (number) => minus(number.toFixed(4)),
  share: (number) => `${(100 * number).toFixed(2)}%`,
  rate: (number) => rounded(number, 4),
  count: (number) => Math.round(number).toLocaleString("en"),
  place: (number) => number.toFixed(2),
  time: (number) => number.toFixed(1),
};
