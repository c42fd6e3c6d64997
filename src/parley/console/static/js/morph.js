// Makes one tree like another with the fewest touches, so that focus, scroll and typing stay.
const KEEP = new Set(["TEXTAREA", "INPUT", "SELECT"]);

export function morph(here, fresh) {
  if (here.isEqualNode(fresh)) return;
  if (here.nodeType !== fresh.nodeType || here.nodeName !== fresh.nodeName || (here.id ?? "") !== (fresh.id ?? "")) {
    here.replaceWith(document.importNode(fresh, true));
    return;
  }
  if (here.nodeType !== Node.ELEMENT_NODE) {
    if (here.nodeValue !== fresh.nodeValue) here.nodeValue = fresh.nodeValue;
    return;
  }
  attributes(here, fresh);
  if (!KEEP.has(here.nodeName)) children(here, fresh);
}

function attributes(here, fresh) {
  for (const { name, value } of fresh.attributes) {
    if (name !== "open" && here.getAttribute(name) !== value) here.setAttribute(name, value);
  }
  for (const { name } of [...here.attributes]) {
    if (name !== "open" && !fresh.hasAttribute(name)) here.removeAttribute(name);
  }
}

function children(here, fresh) {
  const byId = new Map();
  for (const child of here.children) if (child.id) byId.set(child.id, child);
  let place = here.firstChild;
  for (const wanted of [...fresh.childNodes]) {
    const known = wanted.id ? byId.get(wanted.id) : null;
    if (known && known !== place) here.insertBefore(known, place);
    const match = known ?? (place && !(place.id && byId.has(place.id)) && !wanted.id ? place : null);
    if (match) {
      const next = match === place ? place.nextSibling : place;
      morph(match, wanted);
      place = next;
    } else {
      here.insertBefore(document.importNode(wanted, true), place);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}
