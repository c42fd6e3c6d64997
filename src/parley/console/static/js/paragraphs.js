// A joint text by keyboard: from paragraph to paragraph, to the other language, marked words into brackets.
// All of it can be done without this: Tab goes through the fields, and words can be copied.
function put(source) {
  const words = source.value.slice(source.selectionStart, source.selectionEnd).trim();
  const target = document.querySelector(`[name="w.words.${source.dataset.marks}"]`);
  if (!words || !target) return;
  target.value = words;
  target.dispatchEvent(new Event("input", { bubbles: true }));
}

export function startParagraphs() {
  const joint = document.getElementById("joint");
  if (!joint) return;
  for (const each of joint.querySelectorAll("[data-keys-help], [data-mark]")) each.hidden = false;
  joint.addEventListener("click", (event) => {
    const lang = event.target.closest("[data-mark]")?.dataset.mark;
    if (lang) put(joint.querySelector(`[data-marks="${lang}"]`));
  });
  joint.addEventListener("keydown", (event) => {
    const here = event.target;
    if (!event.altKey || event.ctrlKey || event.metaKey || !here.dataset.par) return;
    const fields = [...joint.querySelectorAll("[data-par]")].filter((each) => each.offsetParent);
    const same = (each) => (event.code === "KeyL" ? each.dataset.par === here.dataset.par : each.lang === here.lang);
    const row = fields.filter(same);
    const at = row.indexOf(here);
    const to = { ArrowUp: row[at - 1], ArrowDown: row[at + 1], KeyL: row[(at + 1) % row.length] }[event.code];
    if (event.code === "KeyB" && here.dataset.marks) put(here);
    else if (to) to.focus();
    else return;
    event.preventDefault();
  });
}
