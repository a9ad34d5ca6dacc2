// Search, filters and sorting of the board, the choice of colours, and the pages of a single file.
"use strict";

// What is searched, filtered and in which order stands in the address after `#/?`, to be sent on.
function board() {
  const table = document.getElementById("tracks");
  if (!table || table.dataset.ready) return;
  table.dataset.ready = "yes";
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const texts = new Map(rows.map((row) => [row, `${row.textContent} ${row.dataset.text}`.toLowerCase()]));
  const waiting = new Map(rows.map((row) => [row, JSON.parse(row.dataset.waiting)]));
  const form = document.querySelector(".filters");
  const { search, order } = form.elements;
  const more = form.querySelector(".more");
  const count = document.getElementById("count");
  const filters = [...form.querySelectorAll(".filter")];
  const ofDecisions = ["decides", "due"]; // as a row holds its decisions: of one both must be true
  let ordered = "";

  function narrow() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = filters.filter((each) => each.value);
    const ofRows = wanted.filter((each) => !ofDecisions.includes(each.name));
    const asked = wanted.filter((each) => ofDecisions.includes(each.name));
    let shown = 0;
    let all = 0;
    for (const row of rows) {
      const had = waiting.get(row)
        .filter((each) => asked.every(({ name, value }) => each[ofDecisions.indexOf(name)] === value))
        .reduce((sum, each) => sum + each[2], 0);
      const fits =
        words.every((word) => texts.get(row).includes(word)) &&
        ofRows.every(({ name, value }) => row.dataset[name].split("\n").includes(value)) &&
        (!asked.length || had > 0);
      row.hidden = !fits;
      if (fits) { shown += 1; all += had; }
      const mark = row.querySelector(".asked");
      if (mark) {
        mark.hidden = !asked.length;
        mark.textContent = asked.length ? `${had} as filtered` : "";
      }
    }
    count.textContent = shown === rows.length ? `All ${shown} shown` : `${shown} of ${rows.length} shown`;
    if (asked.length) count.textContent += `, ${all} decision${all === 1 ? "" : "s"} as filtered`;
  }

  function sort() {
    if (order.value === ordered) return;
    ordered = order.value;
    const downward = ordered.startsWith("-");
    const at = heads.findIndex((head) => head.dataset.order === ordered.replace("-", ""));
    for (const each of heads) each.removeAttribute("aria-sort");
    heads[at]?.setAttribute("aria-sort", downward ? "descending" : "ascending");
    const collator = new Intl.Collator("en", { numeric: true });
    const key = (row) => row.cells[at].dataset.sort;
    const compare = (one, other) => collator.compare(key(one), key(other)) * (downward ? -1 : 1);
    body.append(...(at < 0 ? rows : [...rows].sort(compare)));
  }

  function show() {
    narrow();
    sort();
  }

  function changed() {
    show();
    const chosen = [...new FormData(form)].filter(([, value]) => value);
    const address = chosen.length ? `#/?${new URLSearchParams(chosen)}` : "#/";
    try { history.replaceState(null, "", address); } catch { /* a browser bounds how often */ }
  }

  function read() {
    if (location.hash && !/^#\/(\?|$)/.test(location.hash)) return; // a section, or another page
    const chosen = new URLSearchParams(location.hash.slice(3));
    for (const each of [search, order, ...filters]) {
      const value = chosen.get(each.name) ?? "";
      each.value = value;
      // What nothing has any more fits nothing; without it, all would be shown.
      if (each.value !== value && filters.includes(each)) each.add(new Option(value, value, false, true));
    }
    if (order.selectedIndex < 0) order.value = "";
    if (filters.some((each) => each.value)) unfold(true);
    show();
  }

  // On a narrow page the filters stand behind a button until one of them is asked for.
  function unfold(all) {
    form.classList.toggle("all", all);
    more.setAttribute("aria-expanded", all);
  }

  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      const { order: name } = head.dataset;
      order.value = order.value === name ? `-${name}` : name;
      changed();
    });
    head.replaceChildren(button);
  }
  more.addEventListener("click", () => unfold(more.ariaExpanded !== "true"));
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(changed));
  document.getElementById("main").addEventListener("click", (event) => {
    if (!event.target.closest?.("a[href^='#/?']")) return;
    setTimeout(() => document.getElementById("tracks-title").focus());
  });
  addEventListener("hashchange", read);
  read();
}

// A box that is wider than the page says so by fading where more of it is.
function scrolled() {
  function mark(box) {
    const left = Math.ceil(box.scrollLeft) + box.clientWidth < box.scrollWidth;
    const sides = [box.scrollLeft > 0 && "left", left && "right"].filter(Boolean);
    if (sides.length) box.dataset.more = sides.join(" ");
    else delete box.dataset.more;
  }
  const watch = new ResizeObserver((found) => {
    for (const { target } of found) mark(target.closest(".scroll"));
  });
  for (const box of document.querySelectorAll(".scroll:not([data-watched])")) {
    box.dataset.watched = "yes";
    box.addEventListener("scroll", () => mark(box), { passive: true });
    for (const each of [box, ...box.children]) watch.observe(each);
  }
}

// A source stands before everything else while its link is pointed at or has the focus, until Escape.
function sources() {
  let open = null;

  function close() {
    open?.hidePopover();
    open = null;
  }

  function place() {
    if (!open) return;
    const { left, top, bottom } = open.parentElement.getBoundingClientRect();
    const most = document.documentElement.clientWidth - open.offsetWidth;
    const below = bottom + open.offsetHeight <= innerHeight;
    open.style.left = `${Math.max(0, Math.min(left, most))}px`;
    open.style.top = `${below ? bottom : top - open.offsetHeight}px`;
  }

  function enter({ target, relatedTarget }) {
    const cited = target.closest?.(".cited");
    if (!cited || cited.contains(relatedTarget)) return;
    close();
    open = cited.querySelector(".tip");
    open.popover = "manual";
    open.showPopover();
    place();
  }

  function leave({ relatedTarget }) {
    const cited = open?.parentElement;
    if (cited && !cited.contains(relatedTarget) && !cited.matches(":hover, :focus-within")) close();
  }

  if (!HTMLElement.prototype.showPopover) return; // the style sheet shows it within its table
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, enter);
  for (const name of ["pointerout", "focusout"]) document.addEventListener(name, leave);
  addEventListener("scroll", place, { capture: true, passive: true });
  addEventListener("keydown", ({ key }) => { if (key === "Escape") close(); });
  addEventListener("beforeprint", close);
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
      crumbs.replaceChildren();
      if (heading) crumbs.append(Object.assign(document.createElement("span"), { textContent: heading }));
      const what = kind === "spec" ? `${heading}, specification` : heading;
      document.title = wanted ? `${what} · ${header.querySelector(".brand").textContent}` : title;
      scrollTo(0, 0);
      ages();
      scrolled();
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
  scrolled();
  sources();
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
