/* Searches, filters and unfolds the report, in the page itself: nothing is sent, nothing is kept.
   It makes its own controls, so that none is there without it, and changes no text: what it leaves
   out gets the class "out", which counts on a screen only; what it unfolds it folds again. */
(() => {
  "use strict";
  const place = document.querySelector(".tools");
  if (!place) return;
  const say = place.dataset;
  const ROWS = `main :is(section, article, details, table, tbody > tr, .actions > li, .rows > li,
    .members > li, .paper > p)`;
  const UNFOLDED_MOST = 25; // with more hits than this, the rows stay folded
  const MARKED_MOST = 500;

  /* The page as a tree of rows: each with its own words, without those of the rows in it. */
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const tree = () => {
    const rows = new Set(document.querySelectorAll(ROWS));
    const read = (element, row) => {
      for (const child of element.childNodes) {
        if (child.nodeType === Node.TEXT_NODE) row.text += child.data;
        else if (rows.has(child)) row.rows.push(read(child, { element: child, text: "", rows: [] }));
        else read(child, row);
      }
      if (row.element === element) row.text = plain(row.text);
      return row;
    };
    const main = document.querySelector("main");
    return read(main, { element: main, text: "", rows: [] }).rows;
  };
  let sections; // read at the first search
  let waiting; // for the next key

  const control = (tag, text, more = {}) => {
    const made = document.createElement(tag);
    made.textContent = text;
    return Object.assign(made, more);
  };
  const button = (text, press) => {
    const made = control("button", text, { type: "button" });
    made.addEventListener("click", press);
    return made;
  };
  const field = control("input", "", { type: "search", id: "find", autocomplete: "off" });
  const only = button(say.only, () => {
    only.setAttribute("aria-pressed", String(!exceptions()));
    filter();
  });
  only.setAttribute("aria-pressed", "false");
  const clear = button(say.clear, () => {
    reset();
    field.focus();
  });
  const told = control("p", "");
  told.setAttribute("role", "status");
  const exceptions = () => only.getAttribute("aria-pressed") === "true";

  /* Shows a row where each word stands in it, in a row around it, or in a row within it. A word in
     the heading of a row thus brings all of that row. Gives whether anything of it is shown. */
  let hits = [];
  const sift = (row, words, heading) => {
    const left = heading ? words : words.filter((word) => !row.text.includes(word));
    const found = words.length > 0 && left.length === 0;
    const allowed = !(exceptions() && row.element.hasAttribute("data-ok"));
    if (found && allowed) hits.push({ row, words });
    let shown = row.rows.length === 0 && left.length === 0;
    for (const below of row.rows) if (allowed && sift(below, left, false)) shown = true;
    shown = shown && allowed;
    row.element.classList.toggle("out", !shown);
    return shown;
  };

  const unfolded = new Set();
  const foldAgain = () => {
    for (const row of unfolded) row.open = false;
    unfolded.clear();
  };
  const unfold = (element) => {
    for (let row = element; row; row = row.parentElement)
      if (row.localName === "details" && !row.open) {
        row.open = true;
        unfolded.add(row);
      }
  };
  const showHit = ({ row, words }) => {
    const line = row.element.querySelector(":scope > summary");
    const above = line && words.every((word) => plain(line.textContent).includes(word));
    unfold(above ? row.element.parentElement : row.element);
  };

  /* Marks the words where the browser can do so without touching the text. */
  const mark = (words) => {
    if (!window.Highlight) return;
    const ranges = [];
    for (const { row } of hits) {
      const texts = document.createTreeWalker(row.element, NodeFilter.SHOW_TEXT);
      for (let text; ranges.length < MARKED_MOST && (text = texts.nextNode()); )
        for (const word of words)
          for (let at = -1; (at = text.data.toLowerCase().indexOf(word, at + 1)) >= 0; ) {
            if (at + word.length > text.length) break;
            const range = new Range();
            range.setStart(text, at);
            range.setEnd(text, at + word.length);
            ranges.push(range);
          }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  };

  function filter() {
    clearTimeout(waiting);
    place.removeAttribute("aria-busy");
    const words = plain(field.value).split(/\s+/).filter(Boolean);
    if (!sections && !words.length && !exceptions()) return;
    sections ??= tree();
    hits = [];
    foldAgain();
    for (const row of sections) {
      const first = row.element.id === "summary"; // what it says stands below as well
      if (first) row.element.classList.toggle("out", words.length > 0);
      else sift(row, words, row.rows.length > 0);
    }
    if (hits.length <= UNFOLDED_MOST) hits.forEach(showHit);
    mark(words);
    clear.hidden = !words.length && !exceptions();
    document.documentElement.classList.toggle("searching", words.length > 0);
    const number = hits.length.toLocaleString(document.documentElement.lang);
    const count = [say.none, say.one][hits.length] ?? say.other.replace("{n}", number);
    told.textContent = words.length ? count : exceptions() ? say.onlyNow : "";
  }

  function reset() {
    field.value = "";
    only.setAttribute("aria-pressed", "false");
    filter();
  }

  field.addEventListener("input", () => {
    clearTimeout(waiting);
    place.setAttribute("aria-busy", "true");
    waiting = setTimeout(filter, 150);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") reset();
  });

  const foldAll = (open) => () => {
    unfolded.clear();
    for (const row of document.querySelectorAll("main details"))
      if (!row.closest(".out")) row.open = open;
  };

  /* A link leads to something folded away or filtered out: it is shown first. */
  const reveal = (hash) => {
    const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!target || !target.closest("main")) return null;
    if (target.closest(".out")) reset();
    for (let row = target; row; row = row.parentElement)
      if (row.localName === "details") row.open = true;
    return target;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (link) reveal(link.hash);
  });
  window.addEventListener("hashchange", () => reveal(location.hash)?.scrollIntoView());

  clear.hidden = true;
  place.setAttribute("role", "search");
  place.append(
    control("label", say.find, { htmlFor: "find" }),
    field,
    only,
    button(say.unfold, foldAll(true)),
    button(say.fold, foldAll(false)),
    clear,
    told,
  );
  if (location.hash) reveal(location.hash)?.scrollIntoView();
})();
