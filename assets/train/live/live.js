// A run as it trains: its status, and its learning curves side by side, asked for and drawn here in the browser.
// data: {address, tiles, status, asked, charts: [[what curve_charts.py says, height]]}; tells Python `changed` when more
// of the run did than is drawn here.

const SOON = 250; // milliseconds: somebody waits for the answer to a button

class Live {
  constructor(root) {
    this.status = new Status();
    this.row = make("div", { className: "curves" });
    this.root = make("div", { className: "live" }, this.status.element, this.row);
    this.charts = [];
    root.append(this.root);
    this.poll = new Poll(this.root, (answer) => this.take(answer));
  }

  update({ address, tiles, status, asked, charts }, tell) {
    Object.assign(this, { asked, tell, stamp: status.stamp });
    this.status.setTiles(tiles);
    this.status.show(status, asked);
    const wanted = `${address} ${status.stamp}`;
    if (wanted !== this.wanted) {
      this.wanted = wanted;
      this.last = -1; // all points anew: of another run, on another axis, or to its very end
      this.figure = undefined; // what is drawn stays until they are here
    }
    this.setCharts(charts);
    this.poll.follow(() => `${address}&after=${this.last}`);
  }

  setCharts(charts) {
    const told = JSON.stringify(charts);
    if (told === this.told) return;
    this.told = told;
    while (this.charts.length < charts.length) this.charts.push(new Chart());
    this.charts.length = charts.length;
    this.row.replaceChildren(...this.charts.map((chart) => chart.element));
    this.charts.forEach((chart, i) => {
      chart.figure = this.figure;
      chart.set(...charts[i]);
    });
  }

  take({ status, again, last, figure }) {
    this.status.show(status, this.asked);
    if (figure) {
      this.last = last;
      for (const [label, points] of Object.entries(figure.series)) figure.series[label] = unpack(points);
      this.figure = figure;
      for (const chart of this.charts) chart.show(figure);
    }
    if (status.stamp !== this.stamp) {
      this.stamp = status.stamp; // told once
      this.tell(status.stamp);
    }
    if (again === null) return null;
    return this.asked ? SOON : 1000 * again;
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  parentElement.live ??= new Live(parentElement);
  parentElement.live.update(data, (stamp) => setTriggerValue("changed", stamp));
}
