// Sentences for what happens in the browser; the server renders them into the page.
const words = JSON.parse(document.body.dataset.words);

export function say(key, facts = {}) {
  return words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? String(facts[name]) : whole));
}
