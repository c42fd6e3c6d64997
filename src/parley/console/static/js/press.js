// One press, one act: a form that was sent is not sent again; slow work says since when.
import { now, zulu } from "./clocks.js";
import { say } from "./words.js";

export function startPress() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const since = zulu(now());
    setTimeout(() => {
      const note = document.createElement("p");
      note.className = "dim";
      note.setAttribute("role", "status");
      note.textContent = say("working", { time: since });
      form.append(note);
    }, 5000);
  });
  addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
}
