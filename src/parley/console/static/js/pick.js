// The browser's own words about a file ("Choose File") are in its language, not in the page's: ours stand
// beside the same input, which stays what is focused. Without scripts the browser's control is shown.
export function startPick() {
  for (const input of document.querySelectorAll(".pick > input[type=file]")) {
    const [button, told] = input.parentElement.querySelectorAll("label, span");
    const none = told.textContent;
    input.classList.add("sr");
    button.hidden = told.hidden = false;
    const tell = () => { told.textContent = input.files.length ? input.files[0].name : none; };
    input.addEventListener("change", tell);
    tell();
  }
}
