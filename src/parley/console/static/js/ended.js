// A session that ended: its pages lose what they showed, and go on when the same officer is back.
import { say } from "./words.js";

const officer = (page) => page.querySelector(".person summary")?.textContent;

function isTyped(field) {
  const takesText = ["TEXTAREA", "INPUT"].includes(field.nodeName) && field.type !== "hidden";
  return takesText && field.value !== field.defaultValue;
}

// Whoever is signed in no more reads nothing here. What was typed stays, and that a FLASH is up.
export function lock() {
  const main = document.getElementById("main");
  const way = document.createElement("a");
  Object.assign(way, { className: "button", href: "/sign-in", target: "_blank", rel: "noopener", textContent: say("signin") });
  const kept = [...main.querySelectorAll("form")].filter((form) => form.id === "draft" || [...form.elements].some(isTyped));
  const line = document.createElement("p");
  line.append(way);
  main.replaceChildren(line, ...kept);
  for (const alarm of document.querySelectorAll("#alarms-up .alarm")) alarm.replaceChildren(alarm.querySelector(".who"));
  document.body.classList.add("ended");
  document.title = say("out");
}

// Asks whether the same officer is signed in again, and tells so; their forms then carry the new token.
export function askBack(tell) {
  const request = new XMLHttpRequest();
  request.open("GET", "/search");
  request.responseType = "document";
  request.onload = () => {
    const page = request.response;
    const token = page?.querySelector("[name=form_token]")?.value;
    if (!token || officer(page) !== officer(document)) return;
    const forms = document.querySelectorAll("#main form");
    if (!forms.length) return location.reload();
    for (const field of document.querySelectorAll("[name=form_token]")) field.value = token;
    document.body.dataset.stream = page.body.dataset.stream;
    document.body.classList.remove("ended");
    document.querySelector("#main > p").remove();
    document.title = page.title;
    tell();
  };
  request.send();
}
