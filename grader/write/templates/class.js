// Sorts and filters rows that are in the page already; of a large class it keeps only those in the document
// that can be seen, since laying out 28,000 cells takes seconds. It makes no markup from text.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const table = byId("table"), body = table.tBodies[0], scroller = byId("scroller");
  const search = byId("search"), shown = byId("shown"), clear = byId("clear");
  const boxes = [...document.querySelectorAll(".chips input")];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  const place = new Map(rows.map((row, i) => [row, i]));
  const SPARE = 20; // rows above and below those in view

  // -------------------------------------------------------------------------------- draw

  let view = rows; // those that the filter lets through, in the order of the sort
  let height = 0, drawn = "";
  const above = gap(), below = gap();

  function gap() {
    const row = document.createElement("tr"), cell = document.createElement("td");
    row.setAttribute("aria-hidden", "true");
    row.className = "gap";
    cell.colSpan = heads.length;
    row.append(cell);
    return row;
  }

  function draw() {
    const length = height ? Math.ceil(scroller.clientHeight / height) : 30;
    let first = height ? Math.floor(scroller.scrollTop / height) - SPARE : 0;
    first = Math.max(0, Math.min(first, view.length - length - 2 * SPARE));
    const last = Math.min(view.length, first + length + 2 * SPARE);
    if (drawn === `${first} ${last}`) return;
    drawn = `${first} ${last}`;
    const focused = body.contains(document.activeElement);
    above.firstChild.style.height = `${first * height}px`;
    below.firstChild.style.height = `${(view.length - last) * height}px`;
    const seen = view.slice(first, last);
    body.replaceChildren(...(first ? [above] : []), ...seen, ...(last < view.length ? [below] : []));
    if (focused && !body.contains(document.activeElement)) scroller.focus({ preventScroll: true });
  }

  function redraw() {
    const heading = table.tHead.rows.length;
    view.forEach((row, i) => row.setAttribute("aria-rowindex", heading + i + 1));
    table.setAttribute("aria-rowcount", heading + view.length);
    drawn = "";
    scroller.scrollTop = 0;
    draw();
    if (!height && view.length) {
      height = body.rows[0].getBoundingClientRect().height;
      drawn = "";
      draw();
    }
  }

  let waiting = false;
  scroller.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  });
  addEventListener("resize", () => {
    drawn = "";
    draw();
  });
  addEventListener("beforeprint", () => body.replaceChildren(...view));
  addEventListener("afterprint", redraw);

  // ------------------------------------------------------------------------------ filter

  // "jose" finds "José", and "ibrahim" finds "İbrahim"
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const names = rows.map((row) => row.cells[0].querySelector("bdi").textContent);
  let texts = null;
  let chosen = null; // rows that a group of mistakes asked for, by their numbers
  let order = rows;

  function filter() {
    texts ??= rows.map((row) => plain(row.cells[0].textContent));
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    const flags = boxes.filter((box) => box.checked).map((box) => box.value);
    view = order.filter(
      (row) =>
        words.every((word) => texts[place.get(row)].includes(word)) &&
        (!flags.length || row.dataset.f.split(" ").some((flag) => flags.includes(flag))) &&
        (!chosen || chosen.has(row.dataset.n)),
    );
    const all = rows.length.toLocaleString("en"), count = view.length.toLocaleString("en");
    const some = words.length || flags.length || chosen;
    shown.textContent = some ? `${count} of ${all} students` : `${all} students`;
    clear.hidden = !some;
    redraw();
  }

  function reset() {
    search.value = "";
    boxes.forEach((box) => (box.checked = false));
    chosen = null;
  }

  let timer = 0;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(filter, 80);
  });
  boxes.forEach((box) => box.addEventListener("change", filter));
  clear.addEventListener("click", () => {
    reset();
    filter();
    search.focus();
  });
  for (const button of document.querySelectorAll(".jump[data-flag], .jump[data-rows]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      reset();
      if (button.dataset.flag) boxes.forEach((box) => (box.checked = box.value === button.dataset.flag));
      else chosen = new Set(button.dataset.rows.split(" "));
      filter();
      byId("students").scrollIntoView();
      search.focus({ preventScroll: true });
    });
  }

  // -------------------------------------------------------------------------------- sort

  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  function keyOf(head, column) {
    const by = head.dataset.by;
    if (by === "name") return null;
    return by === "cell"
      ? (row) => (row.cells[column] ? parseFloat(row.cells[column].textContent) : NaN)
      : (row) => parseFloat(row.dataset.s.split(" ")[by]);
  }

  function sort(head, column) {
    const key = keyOf(head, column);
    const before = head.getAttribute("aria-sort");
    // names from A on, numbers from the highest on, then the other way round
    const rising = before ? before === "descending" : key === null;
    heads.forEach((one) => one.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    if (key === null) {
      const by = (a, b) => collator.compare(names[place.get(a)], names[place.get(b)]);
      order = [...rows].sort((a, b) => (rising ? by(a, b) : by(b, a)));
    } else {
      const values = rows.map(key);
      order = [...rows].sort((a, b) => {
        const x = values[place.get(a)], y = values[place.get(b)];
        // who has no number comes last, whichever way
        if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
        return (rising ? x - y : y - x) || place.get(a) - place.get(b);
      });
    }
    filter();
  }

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head, column));
  });

  byId("controls").hidden = false;
  body.replaceChildren();
  table.classList.add("ready");
  filter();
})();
