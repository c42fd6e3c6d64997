// The wall: asks for itself every two seconds, and says so when no answer came for five.
import { mark, since } from "./stream.js";

const EVERY = 2000;
const DEAD = 5000;
let heard = mark();

function ask() {
  const request = new XMLHttpRequest();
  request.open("GET", location.href);
  request.responseType = "document";
  request.timeout = DEAD;
  request.onload = () => {
    const board = request.status === 200 && request.response && request.response.getElementById("board");
    if (board) {
      document.getElementById("board").replaceWith(document.adoptNode(board));
      heard = mark();
      look();
    }
  };
  request.onloadend = () => setTimeout(ask, EVERY);
  request.send();
}

function look() {
  const dead = since(heard) > DEAD;
  document.body.classList.toggle("notlive", dead);
  document.getElementById("stale").hidden = !dead;
}

setInterval(look, 1000);
setTimeout(ask, EVERY);
