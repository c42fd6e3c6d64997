// Saves a draft one second after a pause, and at once when its page is left. Until the station has it, the text is kept in this window,
// so that neither a station that ends nor a page that is loaded again loses a word.
import { now, zulu } from "./clocks.js";
import { say } from "./words.js";

const PAUSE_MS = 1000;
const AGAIN_MS = 3000;
const ALIVE_CHARS = 60000; // A browser carries 64 KiB for a page that is gone.
const KEPT = "parley-draft ";

// What a person types in; the rest of the form belongs to the page that the station made.
function typedIn(form) {
  const found = {};
  for (const each of form.elements) {
    if (!each.name || ["hidden", "submit", "file"].includes(each.type)) continue;
    const isTick = each.type === "radio" || each.type === "checkbox";
    found[isTick ? `${each.name}=${each.value}` : each.name] = isTick ? each.checked : each.value;
  }
  return found;
}

function putBack(form, found) {
  for (const each of form.elements) {
    if (each.type === "file") continue;
    const isTick = each.type === "radio" || each.type === "checkbox";
    const value = found[isTick ? `${each.name}=${each.value}` : each.name];
    if (typeof value === "boolean") each.checked = value;
    else if (typeof value === "string") each.value = value;
  }
}

const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// The page that answers a press shows that the station has the words: they are not for the next form.
function forgetAnswered(form) {
  if (!document.referrer || !(form || location.pathname.startsWith("/release/"))) return;
  const { pathname, search } = new URL(document.referrer);
  const copy = JSON.parse(sessionStorage.getItem(KEPT + pathname + search) ?? "null");
  if (copy?.isSubmitted) sessionStorage.removeItem(KEPT + pathname + search);
}

export function startDraft() {
  const form = document.getElementById("draft");
  forgetAnswered(form);
  if (!form) return;
  const note = document.getElementById("saved");
  let timer = null;
  let saving = null;
  let changed = false;
  let sent = typedIn(form);

  const place = () => KEPT + (form.elements.draft.value || location.pathname + location.search);

  // `sent` is what the station was last asked to keep: it tells our own save from another person's.
  function keep(more = {}) {
    const { version, press } = form.elements;
    const copy = { version: version.value, press: press.value, typed: typedIn(form), sent, ...more };
    sessionStorage.setItem(place(), JSON.stringify(copy));
  }

  function takeUp() {
    const copy = JSON.parse(sessionStorage.getItem(place()) ?? "null");
    sessionStorage.removeItem(place());
    const here = typedIn(form);
    if (!copy || isSame(copy.typed, here)) return;
    const isAhead = copy.version !== form.elements.version.value;
    if (isAhead && copy.isSubmitted) return;
    // Kept by somebody else meanwhile: the old version makes the station say so instead of losing it.
    if (isAhead && !isSame(copy.sent, here)) form.elements.version.value = copy.version;
    putBack(form, copy.typed);
    note.textContent = say("restored");
    // A new draft that was sent at leaving is this one: the same press makes no second.
    if (!form.elements.draft.value) form.elements.press.value = copy.press;
    keep();
    save();
  }

  function post() {
    const body = new URLSearchParams(new FormData(form)).toString();
    const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded;charset=UTF-8" };
    return fetch(form.dataset.save, { method: "POST", body, headers, keepalive: body.length < ALIVE_CHARS });
  }

  // The form is of this draft from now on: of a new one, or of the copy that keeps what was typed.
  function goOnIn(draft, version) {
    form.elements.version.value = version;
    if (form.elements.draft.value === draft) return;
    form.elements.draft.value = draft;
    form.dataset.save = `/drafts/${draft}/save`;
    form.action = `/drafts/${draft}`;
    history.replaceState(null, "", `/drafts/${draft}`);
    const number = document.getElementById("draft-number");
    number.textContent = draft;
    number.hidden = false;
  }

  async function save() {
    clearTimeout(timer);
    timer = null;
    if (saving) {
      changed = true;
      return;
    }
    changed = false;
    sent = typedIn(form);
    keep();
    note.textContent = say("saving");
    saving = post();
    try {
      const answer = await saving;
      const result = await answer.json();
      if (!answer.ok) {
        note.textContent = result.detail;
        // Whoever loads the page again after that wants to see what the station has.
        if (answer.status === 409) sessionStorage.removeItem(place());
        if (result.copy) {
          const moved = document.getElementById("draft-moved");
          moved.textContent = result.detail;
          moved.hidden = false;
          goOnIn(result.copy, result.version);
        }
        return;
      }
      sessionStorage.removeItem(place());
      if (!form.elements.draft.value && result.version > 1) {
        // The same press made it before, and somebody went on in it since: what stands there counts,
        // and this is the form of another one.
        if (isSame(sent, typedIn(form))) {
          location.reload();
          return;
        }
        form.elements.press.value = crypto.randomUUID();
        keep();
        later();
        return;
      }
      goOnIn(result.id, result.version);
      if (!isSame(sent, typedIn(form))) keep();
      note.textContent = say("saved", { time: zulu(now()) });
    } catch {
      keep();
      note.textContent = say("unsaved");
      timer = setTimeout(save, AGAIN_MS);
    } finally {
      saving = null;
      if (changed) later();
    }
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  }

  form.addEventListener("input", () => {
    keep();
    later();
  });
  // What the station saved while the button was on its way must not make the press stale.
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    timer = null;
    if (!saving) {
      keep({ isSubmitted: true });
      return;
    }
    event.preventDefault();
    delete form.dataset.sent;
    const button = event.submitter;
    await saving.catch(() => {});
    setTimeout(() => form.requestSubmit(button), 50);
  }, { capture: true });
  // Words of the last second: they arrive although the page is gone, and stay in this window too.
  addEventListener("pagehide", () => {
    if (timer === null || saving) return;
    clearTimeout(timer);
    timer = null;
    sent = typedIn(form);
    keep();
    post().catch(() => {});
  });
  takeUp();
}
