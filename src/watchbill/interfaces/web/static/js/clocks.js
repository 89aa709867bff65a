/* The chart of clocks by keyboard and pointer: one stop of the Tab key, arrow keys from stretch to stretch and from
   clock to clock, and what it is in words below. Without it every stretch is a link to itself in words. */
(function () {
  "use strict";
  var last = "";

  function pieces(chart) {
    return Array.prototype.map.call(chart.querySelectorAll("[data-piece]"), function (one) {
      var box = one.getBoundingClientRect();
      return { one: one, x: box.left, row: one.parentNode };
    }).sort(function (a, b) { return a.x - b.x; });
  }

  function say(piece) {
    var said = piece.closest("[data-clock-chart]").querySelector("[data-said]");
    said.hidden = false;
    said.textContent = piece.querySelector("title").textContent;
  }

  /* One stop for the whole chart: the piece that was left, else the first one. */
  function rove(chart) {
    var all = chart.querySelectorAll("[data-piece]"), stop = null;
    Array.prototype.forEach.call(all, function (one) {
      one.setAttribute("tabindex", "-1");
      if (one.querySelector("title").textContent === last) stop = one;
    });
    if (all.length) (stop || all[0]).setAttribute("tabindex", "0");
  }

  function each() { Array.prototype.forEach.call(document.querySelectorAll("[data-clock-chart]"), rove); }

  function next(piece, key) {
    var all = pieces(piece.closest("[data-clock-chart]")), row = piece.parentNode, x = piece.getBoundingClientRect().left;
    if (key === "ArrowUp" || key === "ArrowDown") {
      var other = key === "ArrowUp" ? row.previousElementSibling : row.nextElementSibling;
      return all.filter(function (at) { return at.row === other; })
        .sort(function (a, b) { return Math.abs(a.x - x) - Math.abs(b.x - x); })[0];
    }
    var mine = all.filter(function (at) { return at.row === row; });
    var at = mine.map(function (one) { return one.one; }).indexOf(piece);
    return mine[{ ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: mine.length - 1 }[key]];
  }

  document.addEventListener("keydown", function (event) {
    var piece = event.target.closest && event.target.closest("[data-piece]");
    if (!piece || !/^(Arrow|Home|End)/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    var to = next(piece, event.key);
    if (!to) return;
    last = to.one.querySelector("title").textContent;
    rove(piece.closest("[data-clock-chart]"));
    to.one.focus();
  });

  ["mouseover", "focusin"].forEach(function (kind) {
    document.addEventListener(kind, function (event) {
      var piece = event.target.closest && event.target.closest("[data-piece]"), chart = document.querySelector("[data-clock-chart]");
      if (piece) say(piece);
      else if (chart && !chart.contains(event.target)) chart.querySelector("[data-said]").hidden = true;
    });
  });
  document.addEventListener("htmx:afterSwap", each);
  each();
})();
