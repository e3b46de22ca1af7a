// Sorts and filters rows that are in the page already. It makes no markup from text.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const table = byId("table"), body = table.tBodies[0], rows = [...body.rows];
  const boxes = [...document.querySelectorAll(".chips input")];
  const search = byId("search"), shown = byId("shown"), clear = byId("clear");
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  // "jose" finds "José", and "ibrahim" finds "İbrahim"
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  let texts = null;
  let chosen = null; // rows that a group of mistakes asked for, by their numbers

  // ------------------------------------------------------------------------------ filter

  function filter() {
    texts ??= rows.map((row) => plain(row.cells[0].textContent));
    const words = plain(search.value).split(/\s+/).filter(Boolean);
    const flags = boxes.filter((box) => box.checked).map((box) => box.value);
    let count = 0;
    rows.forEach((row, i) => {
      const fits =
        words.every((word) => texts[i].includes(word)) &&
        (!flags.length || row.dataset.f.split(" ").some((flag) => flags.includes(flag))) &&
        (!chosen || chosen.has(row.dataset.n));
      row.hidden = !fits;
      count += fits;
    });
    const all = rows.length.toLocaleString("en");
    const some = words.length || flags.length || chosen;
    shown.textContent = some ? `${count.toLocaleString("en")} of ${all} students` : `${all} students`;
    clear.hidden = !some;
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

  const heads = [...table.tHead.rows[0].cells];
  const names = rows.map((row) => row.cells[0].firstElementChild.textContent);
  const place = new Map(rows.map((row, i) => [row, i]));

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
    const order = [...rows];
    if (key === null) {
      order.sort((a, b) => collator.compare(names[place.get(a)], names[place.get(b)]) * (rising ? 1 : -1));
    } else {
      const values = new Map(rows.map((row) => [row, key(row)]));
      order.sort((a, b) => {
        const x = values.get(a), y = values.get(b);
        // who has no number comes last, whichever way
        if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y);
        return (rising ? x - y : y - x) || place.get(a) - place.get(b);
      });
    }
    body.append(...order);
  }

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head, column));
  });

  byId("controls").hidden = false;
  filter();
})();
