// Two things that need a script: parts of a page that change while they are read, and copying a command.
// Everything else works without it.

const words = document.body.dataset;

function addCopyButtons(root) {
  for (const source of root.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = words.copyWord;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(source.textContent);
      button.textContent = words.copiedWord;
      setTimeout(() => { button.textContent = words.copyWord; }, 1500);
    });
    source.after(button);
  }
}

// Where each scrolling box stands, so that a swap does not move it; one at its end stays at its end.
function scrolls(root) {
  const kept = new Map();
  for (const box of root.querySelectorAll("[data-scroll]")) {
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 24;
    kept.set(box.dataset.scroll, atEnd ? Infinity : box.scrollTop);
  }
  return kept;
}

const reachable = (section) => [...section.querySelectorAll("a, button, summary, [tabindex]")];

function swap(section, html) {
  const kept = scrolls(section);
  const focused = reachable(section).indexOf(document.activeElement);
  section.innerHTML = html;
  for (const box of section.querySelectorAll("[data-scroll]")) {
    const top = kept.get(box.dataset.scroll) ?? Infinity;
    box.scrollTop = top === Infinity ? box.scrollHeight : top;
  }
  addCopyButtons(section);
  reachable(section)[focused]?.focus({ preventScroll: true });
}

async function follow(section) {
  const every = Math.max(500, Number(section.dataset.every));
  for (let failures = 0; failures < 30;) {
    await new Promise((done) => setTimeout(done, every * (1 + failures)));
    const busy = section.contains(document.activeElement) && document.activeElement.closest("form");
    if (document.hidden || busy || !getSelection().isCollapsed) continue;
    try {
      const answer = await fetch(section.dataset.live, { headers: { accept: "text/html" } });
      if (answer.status === 401 || answer.status === 404) return;
      if (!answer.ok) throw new Error(answer.statusText);
      swap(section, await answer.text());
      failures = 0;
      if (answer.headers.get("x-live") === "ended") return;
    } catch {
      failures += 1;
    }
  }
}

addCopyButtons(document);
for (const box of document.querySelectorAll("[data-scroll]")) box.scrollTop = box.scrollHeight;
for (const section of document.querySelectorAll("[data-live]")) follow(section);
