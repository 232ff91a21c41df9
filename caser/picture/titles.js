// Films found by what is typed: every word must begin a word of the title, then it may stand anywhere.

const words = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().split(/[^\p{L}\d]+/u).filter(Boolean);

export class Titles {
  constructor(model) {
    this.watched = model.watched;
    this.words = model.titles.map(words);
    this.order = model.titles.map((_, item) => item).sort((a, b) => model.watched[b] - model.watched[a]);
  }

  find(text, most = 6) {
    const asked = words(text);
    if (!asked.length) return [];
    const begins = (item) => asked.every((part) => this.words[item].some((word) => word.startsWith(part)));
    const holds = (item) => asked.every((part) => this.words[item].some((word) => word.includes(part)));
    const found = this.order.filter(begins).slice(0, most);
    return found.length === most ? found : [...new Set([...found, ...this.order.filter(holds)])].slice(0, most);
  }
}
