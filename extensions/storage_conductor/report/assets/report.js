// Search, filters and sorting of the board, the choice of colours, and the pages of a single file.
"use strict";

function board() {
  const table = document.getElementById("tracks");
  if (!table || table.dataset.ready) return;
  table.dataset.ready = "yes";
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const texts = new Map(rows.map((row) => [row, `${row.textContent} ${row.dataset.text}`.toLowerCase()]));
  const form = document.querySelector(".filters");
  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const selects = [...form.querySelectorAll("[data-filter]")];

  function narrow() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = selects.filter((each) => each.value);
    let shown = 0;
    for (const row of rows) {
      const text = texts.get(row);
      const fits =
        words.every((word) => text.includes(word)) &&
        wanted.every((each) => row.dataset[each.dataset.filter].split("\n").includes(each.value));
      row.hidden = !fits;
      if (fits) shown += 1;
    }
    count.textContent = shown === rows.length ? `All ${shown} shown` : `${shown} of ${rows.length} shown`;
  }

  function sort(at, head) {
    const downward = head.getAttribute("aria-sort") === "ascending";
    for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", downward ? "descending" : "ascending");
    const key = (row) => row.cells[at].dataset.sort;
    const order = new Intl.Collator("en", { numeric: true });
    rows.sort((one, other) => order.compare(key(one), key(other)) * (downward ? -1 : 1));
    body.append(...rows);
  }

  [...table.tHead.rows[0].cells].forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(at, head));
    head.replaceChildren(button);
  });
  search.addEventListener("input", narrow);
  form.addEventListener("change", narrow);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(narrow));
  narrow();
}

// Pages hold dates; how long ago that is, the reader's clock tells. On paper the date stands.
function ages() {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const units = [["year", 730, 365.25], ["month", 60, 30.44], ["week", 14, 7], ["day", 0, 1]];
  for (const time of document.querySelectorAll("time[datetime]:not(:has(.ago))")) {
    const days = (new Date(time.dateTime) - Date.now()) / 86400000;
    if (!Number.isFinite(days)) continue;
    const [unit, , length] = units.find(([, from]) => Math.abs(days) >= from);
    const ago = document.createElement("span");
    ago.className = "ago";
    ago.textContent = words.format(Math.round(days / length), unit);
    time.title = time.dateTime;
    time.append(" ", ago);
  }
}

function theme() {
  const button = document.getElementById("theme");
  const choices = ["automatic", "light", "dark"];
  let chosen = "automatic";
  try { chosen = localStorage.getItem("theme") ?? chosen; } catch { /* kept for this page alone */ }
  function apply() {
    if (!choices.includes(chosen)) chosen = "automatic";
    if (chosen === "automatic") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    button.querySelector("span").textContent = chosen;
  }
  button.addEventListener("click", () => {
    chosen = choices[(choices.indexOf(chosen) + 1) % choices.length];
    try { localStorage.setItem("theme", chosen); } catch { /* kept for this page alone */ }
    apply();
  });
  button.hidden = false;
  apply();
}

// In a single file, `#/track/ID/SECTION` is a page that stands in it packed until it is looked at.
function pages() {
  if (!document.querySelector("script[data-page]")) return;
  const header = document.querySelector("header.top");
  const crumbs = header.querySelector(".crumbs");
  const home = document.getElementById("main");
  const title = document.title;
  let current = home;
  let name = "";

  function decoded(text) {
    try { return decodeURIComponent(text); } catch { return text; }
  }

  const kept = new Map([...document.querySelectorAll("script[data-page]")].map((each) => [each.dataset.page, each]));

  async function page(wanted) {
    const bytes = Uint8Array.from(atob(kept.get(wanted).textContent), (each) => each.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const made = document.createElement("div");
    made.innerHTML = await new Response(stream).text();
    return made;
  }

  async function show() {
    if (location.hash && !location.hash.startsWith("#/")) return;
    const asked = location.hash;
    const [kind, id, anchor] = asked.slice(2).split("/").map(decoded);
    const wanted = id && kept.has(`${kind}/${id}`) ? `${kind}/${id}` : "";
    if (wanted !== name) {
      const next = wanted ? await page(wanted) : home;
      if (location.hash !== asked) return;
      current.replaceWith(next);
      current = next;
      name = wanted;
      const heading = wanted ? next.querySelector("h1")?.textContent ?? id : "";
      crumbs.textContent = heading;
      const what = kind === "spec" ? `${heading}, specification` : heading;
      document.title = wanted ? `${what} · ${header.querySelector(".brand").textContent}` : title;
      scrollTo(0, 0);
      ages();
      const main = document.getElementById("main");
      main.tabIndex = -1;
      main.focus({ preventScroll: true });
    }
    if (anchor) document.getElementById(anchor)?.scrollIntoView();
  }
  addEventListener("hashchange", show);
  show();
}

function start() {
  for (const each of document.querySelectorAll("[data-unscripted]")) each.remove();
  theme();
  board();
  ages();
  pages();
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of closed) each.open = false; });
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
