// Passkeys: sign in, enrol, and confirm a release. The station makes and checks every challenge.
import { say } from "./words.js";

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  return btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

async function options(form) {
  const answer = await fetch(form.dataset.options, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.detail);
  return result;
}

async function create(given) {
  given.challenge = bytes(given.challenge);
  given.user.id = bytes(given.user.id);
  for (const known of given.excludeCredentials ?? []) known.id = bytes(known.id);
  const made = await navigator.credentials.create({ publicKey: given });
  return {
    id: made.id, rawId: text(made.rawId), type: made.type,
    response: { clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject) },
  };
}

async function get(given) {
  given.challenge = bytes(given.challenge);
  for (const known of given.allowCredentials ?? []) known.id = bytes(known.id);
  const made = await navigator.credentials.get({ publicKey: given });
  const { clientDataJSON, authenticatorData, signature, userHandle } = made.response;
  return {
    id: made.id, rawId: text(made.rawId), type: made.type,
    response: {
      clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    },
  };
}

export function startPasskeys() {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const [challenge, credential] = (form.dataset.fields ?? "challenge credential").split(" ");
    const note = form.querySelector("[data-note]");
    form.addEventListener("submit", async (event) => {
      if (form.elements[credential].value) return;
      event.preventDefault();
      try {
        const given = await options(form);
        const made = form.dataset.passkey === "create" ? await create(given.publicKey) : await get(given.publicKey);
        form.elements[challenge].value = given.challenge;
        form.elements[credential].value = JSON.stringify(made);
        form.requestSubmit(event.submitter);
      } catch (problem) {
        note.textContent = problem.name === "Error" ? problem.message : say("passkeyfailed");
        note.hidden = false;
      }
    }, { capture: true });
    if ("PublicKeyCredential" in window) {
      for (const node of form.querySelectorAll("[data-needs-passkey]")) node.hidden = false;
      for (const node of form.querySelectorAll("[data-without-passkey]")) node.hidden = true;
    }
  }
}
