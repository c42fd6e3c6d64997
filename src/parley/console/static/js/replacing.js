// Parts of a page that another address of the same page replaces in place.
import { morph } from "./morph.js";

// Returns what shows an address: it puts these parts, by id, in the place of those on the page, then calls `shown`.
// Where the answer has not the first part, or none comes, the browser goes to the address itself.
export function replacing(parts, shown = () => {}) {
  let asked = null;
  return (address) => {
    asked?.abort();
    const request = new XMLHttpRequest();
    asked = request;
    request.open("GET", address);
    // A document, not a text: the browser parses it without running anything.
    request.responseType = "document";
    request.onload = () => {
      const page = request.response;
      if (!page?.getElementById(parts[0])) return location.assign(address);
      history.replaceState(null, "", address);
      for (const id of parts) {
        const here = document.getElementById(id);
        const fresh = page.getElementById(id);
        if (here && fresh) morph(here, fresh);
      }
      shown();
    };
    request.onerror = () => location.assign(address);
    request.send();
  };
}
