// Keeps the board up to date: after each event the page is asked for again, and the parts of it
// that changed are replaced. Without this script the page reloads every minute.
"use strict";

(() => {
  const QUIET = 1000; // ms between two questions, at least
  const MINUTE = 30000; // "9 min ago" ages even when nothing happens
  const line = document.getElementById("line");
  let asked = 0;
  let waiting = null;
  let asking = false;
  let again = false;

  function say(text) {
    if (line.textContent !== text) line.textContent = text;
  }

  // A little chance, so that not every reader asks in the same instant.
  function soon() {
    if (waiting !== null) return;
    const pause = Math.max(0, asked + QUIET - Date.now()) + Math.random() * 300;
    waiting = setTimeout(refresh, pause);
  }

  async function refresh() {
    waiting = null;
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    asked = Date.now();
    try {
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" } });
      if (answer.ok) show(await answer.text());
    } catch {
      // The stream's own trouble tells the reader.
    }
    asking = false;
    if (again) {
      again = false;
      soon();
    }
  }

  function show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const fresh = page.querySelector("main");
    const old = document.querySelector("main");
    if (!fresh || !old) return;
    const ids = (main) => [...main.children].map((part) => part.id).join(" ");
    if (ids(fresh) !== ids(old)) {
      old.replaceWith(document.adoptNode(fresh));
      return;
    }
    // Part by part, so that focus and selection elsewhere stay.
    const parts = [...old.children];
    [...fresh.children].forEach((part, index) => {
      if (!part.isEqualNode(parts[index])) parts[index].replaceWith(document.adoptNode(part));
    });
  }

  function follow() {
    const stream = new EventSource("/api/activities/stream");
    stream.onmessage = soon;
    stream.addEventListener("reset", soon);
    stream.onopen = () => {
      say("Live");
      soon();
    };
    stream.onerror = () => {
      say("Reconnecting…");
      // Refused for good by this answer: the browser gives up, we do not.
      if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 5000 + Math.random() * 5000);
    };
  }

  follow();
  setInterval(() => {
    if (!document.hidden) soon();
  }, MINUTE);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) soon();
  });
})();
