// Search, filters and sorting of the board, the choice of colours, and the pages of a single file.
"use strict";

function board() {
  const table = document.getElementById("tracks");
  if (!table || table.dataset.ready) return;
  table.dataset.ready = "yes";
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const form = document.querySelector(".filters");
  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const selects = [...form.querySelectorAll("[data-filter]")];

  function narrow() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = selects.filter((each) => each.value);
    let shown = 0;
    for (const row of rows) {
      const text = row.dataset.text;
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

function ages() {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const time of document.querySelectorAll("time[datetime]")) {
    const days = Math.round((new Date(time.dateTime) - Date.now()) / 86400000);
    if (Number.isFinite(days)) time.title = words.format(days, "day");
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

// In a single file, `#/track/ID/SECTION` is a page that stands in it as text until it is looked at.
function pages() {
  if (!document.querySelector("script[data-page]")) return;
  const header = document.querySelector("header.top");
  const crumbs = header.querySelector(".crumbs");
  const home = document.getElementById("main");
  let current = home;
  let name = "";

  function decoded(text) {
    try { return decodeURIComponent(text); } catch { return text; }
  }

  function show() {
    if (location.hash && !location.hash.startsWith("#/")) return;
    const [kind, id, anchor] = location.hash.slice(2).split("/").map(decoded);
    const wanted = id ? `${kind}/${id}` : "";
    if (wanted !== name) {
      const found = wanted && [...document.querySelectorAll("script[data-page]")].find((each) => each.dataset.page === wanted);
      const next = found ? document.createElement("div") : home;
      if (found) next.innerHTML = JSON.parse(found.textContent);
      current.replaceWith(next);
      current = next;
      name = found ? wanted : "";
      crumbs.textContent = found ? next.querySelector("h1")?.textContent ?? "" : "";
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
