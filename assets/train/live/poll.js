// Asks the server for what moves, again and again, while the page around it stays as it is.

const AFTER_FAULT = 2000; // milliseconds until a server that did not answer is asked again
const HIDDEN = 1000; // milliseconds between two looks at whether somebody sees the page again

class Poll {
  // `take` gets each answer, and returns the milliseconds until the next question, or null where nothing will move;
  // `root` is what the answers are drawn on: when that has left the page, nothing is asked any more.
  constructor(root, take) {
    this.root = root;
    this.take = take;
    this.turn = 0;
  }

  // From now on ask for what `address()` says, at once.
  follow(address) {
    this.address = address;
    this.turn++;
    clearTimeout(this.timer);
    this.ask();
  }

  async ask() {
    const turn = this.turn;
    const wait = document.hidden ? HIDDEN : await this.answer(turn);
    if (turn !== this.turn || wait === null || !this.root.isConnected) return;
    this.timer = setTimeout(() => this.ask(), wait);
  }

  async answer(turn) {
    try {
      const response = await fetch(new URL(this.address(), location.origin), { cache: "no-store" });
      if (response.status === 404) return null;
      if (!response.ok) return AFTER_FAULT;
      const answer = await response.json();
      return turn === this.turn ? this.take(answer) : null;
    } catch {
      return AFTER_FAULT; // what is drawn stays until there is an answer again
    }
  }
}
