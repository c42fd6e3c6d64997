// One event stream for all windows of a session. Runs as SharedWorker; without one, a window that
// holds the lock "parley-stream" runs `openStream` itself and tells the others by BroadcastChannel.
const WAITS_MS = [500, 1000, 2000, 4000, 5000];
const TYPES = ["entry", "receipt", "acknowledgement", "case", "clock", "alarm", "link", "channel", "peer", "draft", "job"];

// A clock that was set back must not make an old beat young, nor sleep: the longer of both counts.
export function mark() {
  return { wall: Date.now(), even: performance.now() };
}

export function since(moment) {
  return Math.max(Date.now() - moment.wall, performance.now() - moment.even);
}

export function openStream(tell) {
  let source = null;
  let place = "";
  let tries = 0;
  let lostSince = null;
  let lastHeard = mark();

  function connect() {
    source = new EventSource("/live" + (place ? "?after=" + encodeURIComponent(place) : ""));
    const heard = (event) => {
      lastHeard = mark();
      if (event.lastEventId) place = event.lastEventId;
    };
    source.addEventListener("beat", (event) => {
      heard(event);
      tries = 0;
      lostSince = null;
      tell({ kind: "beat", data: JSON.parse(event.data) });
    });
    source.addEventListener("reset", (event) => {
      heard(event);
      tell({ kind: "reset" });
    });
    source.addEventListener("end", () => {
      source.close();
      source = null;
      tell({ kind: "end" });
    });
    for (const type of TYPES) {
      source.addEventListener(type, (event) => {
        heard(event);
        tell({ kind: "signal", type, data: JSON.parse(event.data) });
      });
    }
    source.onerror = again;
  }

  function again() {
    if (!source) return;
    source.close();
    source = null;
    lostSince = lostSince ?? Date.now();
    const wait = WAITS_MS[Math.min(tries, WAITS_MS.length - 1)];
    tries += 1;
    tell({ kind: "lost", tries, since: lostSince });
    setTimeout(connect, wait * (0.75 + Math.random() / 2));
  }

  // A stream that is open but silent is as good as lost.
  setInterval(() => {
    if (source && since(lastHeard) > 6000) {
      lastHeard = mark();
      again();
    }
  }, 1000);
  connect();
}

if (typeof SharedWorkerGlobalScope !== "undefined" && self instanceof SharedWorkerGlobalScope) {
  const ports = new Set();
  let started = false;
  let last = null;
  self.onconnect = (event) => {
    const port = event.ports[0];
    ports.add(port);
    port.onmessage = (message) => {
      if (message.data === "bye") ports.delete(port);
    };
    port.start();
    if (last) port.postMessage(last);
    if (!started) {
      started = true;
      openStream((message) => {
        if (message.kind !== "signal") last = message;
        for (const each of ports) each.postMessage(message);
      });
    }
  };
}
