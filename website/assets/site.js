// What the theme leaves to do for readers who have no mouse or do not see the page.
"use strict";
document$.subscribe(() => {
  for (const each of document.querySelectorAll(".md-typeset__scrollwrap, .drawing, pre > code")) each.tabIndex = 0;
  for (const each of document.querySelectorAll(".task-list-item input")) {
    each.setAttribute("aria-label", each.checked ? "done" : "open");
  }
  // The label that names one is an icon where its section has a page; landmarks need names of their own.
  for (const each of document.querySelectorAll(".md-nav[aria-labelledby]")) {
    const heading = each.querySelector(":scope > .md-nav__title");
    each.setAttribute("aria-label", heading?.textContent.trim() || "Pages");
    each.removeAttribute("aria-labelledby");
  }
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search the pages");
});
