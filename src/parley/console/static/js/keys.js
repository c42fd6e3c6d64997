// Keys: the list stands in templates/keys_dialog.html. Single letters are off while typing.
const PLACES = { o: "/", i: "/inbox", w: "/drafts", d: "/requests", t: "/timeline", m: "/map", c: "/station", r: "/record", l: "/channels", s: "/search" };
let gPressed = -Infinity;

function isTyping(node) {
  return node.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(node.nodeName);
}

function step(by) {
  const rows = [...document.querySelectorAll("main [data-row]")].filter((row) => row.querySelector("a, button"));
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))];
  const target = next.querySelector("[data-open], a, button");
  target.focus();
  next.scrollIntoView({ block: "nearest" });
}

function press(name) {
  const node = document.querySelector(`[data-key="${name}"]`);
  if (!node) return false;
  if (node.nodeName === "DETAILS") {
    node.open = !node.open;
    node.querySelector("summary").focus();
    node.scrollIntoView({ block: "nearest" });
  } else if (["INPUT", "TEXTAREA", "SELECT", "SECTION"].includes(node.nodeName)) {
    node.focus();
    node.scrollIntoView({ block: "nearest" });
  } else node.click();
  return true;
}

export function startKeys() {
  const dialog = document.getElementById("keys-dialog");
  document.addEventListener("keydown", (event) => {
    if (event.altKey && event.code === "KeyA") {
      event.preventDefault();
      const claim = document.querySelector("#alarms-up button");
      if (claim) claim.focus();
      else location.assign("/alarms");
      return;
    }
    if (event.ctrlKey && event.key === "Enter") {
      const review = document.querySelector("[data-review]");
      if (review) {
        event.preventDefault();
        review.click();
      }
      return;
    }
    if (event.key === "Escape") {
      for (const open of document.querySelectorAll(".top details[open]")) open.open = false;
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.body.dataset.keys === "off" || dialog?.open) return;
    if (event.key === "?" && dialog) {
      event.preventDefault();
      dialog.showModal();
    } else if (event.key === "/") {
      event.preventDefault();
      if (!press("search")) location.assign("/search");
    } else if (performance.now() - gPressed < 1500 && PLACES[event.key]) {
      gPressed = -Infinity;
      location.assign(PLACES[event.key]);
    } else if (event.key === "g") gPressed = performance.now();
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "[") document.querySelector("a[rel=prev]")?.click();
    else if (event.key === "]") document.querySelector("a[rel=next]")?.click();
    else if (event.key === "+") press("closer");
    else if (event.key === "-") press("wider");
    else if (event.key === "e") press("evidence");
    else if (event.key === "n") press("new") || location.assign("/drafts/new");
    else if (event.key === "r") press("answer");
    else if (event.key === "a") press("claim") || press("acknowledge");
    else if (event.key === "p") print();
  });
}
