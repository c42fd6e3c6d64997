// Saves a draft one second after a pause, and keeps the text in the window when it cannot.
import { now, zulu } from "./clocks.js";
import { say } from "./words.js";

const PAUSE_MS = 1000;

export function startDraft() {
  const form = document.getElementById("draft");
  if (!form) return;
  const note = document.getElementById("saved");
  let timer = null;
  let saving = null;
  let changed = false;

  async function save() {
    if (saving) {
      changed = true;
      return;
    }
    changed = false;
    note.textContent = say("saving");
    saving = fetch(form.dataset.save, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { accept: "application/json" } });
    try {
      const answer = await saving;
      const result = await answer.json();
      if (!answer.ok) {
        note.textContent = result.detail;
        return;
      }
      if (result.id && form.elements.draft.value !== result.id) {
        form.elements.draft.value = result.id;
        form.dataset.save = `/drafts/${result.id}/save`;
        form.action = `/drafts/${result.id}`;
        history.replaceState(null, "", `/drafts/${result.id}`);
      }
      form.elements.version.value = result.version;
      note.textContent = say("saved", { time: zulu(now()) });
      sessionStorage.removeItem("parley-draft");
    } catch {
      note.textContent = say("unsaved");
      sessionStorage.setItem("parley-draft", new URLSearchParams(new FormData(form)).toString());
      timer = setTimeout(save, 3000);
    } finally {
      saving = null;
      if (changed) later();
    }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  }

  form.addEventListener("input", later);
  // What the station saved while the button was on its way must not make the press stale.
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    if (!saving) return;
    event.preventDefault();
    delete form.dataset.sent;
    const button = event.submitter;
    await saving.catch(() => {});
    setTimeout(() => form.requestSubmit(button), 50);
  }, { capture: true });
}
