/* Live updates: server-sent events say that something changed, htmx fetches the regions anew and morphs them.
   Without a live address, or while it cannot be reached, the page asks every five seconds. Nothing moves under
   somebody's hands: while a row of the queue has the focus or the pointer its order stands still and new rows wait
   behind a button, and a panel marked data-keep stays as it is while something in it is open or has the focus. */
(function () {
  "use strict";
  var GAP_MS = 1000, POLL_MS = 5000, STALE_MS = 30000;
  var meta = document.querySelector('meta[name="watchbill-live"]');
  var hasRegions = function () { return document.querySelector("[data-live]"); };
  var hasPointer = window.matchMedia("(hover: hover)").matches;
  var heard, heardAt, refreshed = 0, timer = 0, isOpen = false, letIn = false, isUpdating = false;

  /* By the wall for its age, and by the desk's clock to say when. */
  function hear() { heard = Date.now(); heardAt = watchbill.deskNow(); }
  hear();

  /* --- What the label says ------------------------------------------------- */
  function label() {
    var place = document.getElementById("freshness");
    if (!place || !hasRegions()) return;
    var age = Date.now() - heard, state = age > STALE_MS ? "stale" : "live", text;
    if (state === "live") text = "Live, " + Math.floor(age / 1000) + " s";
    else text = "No data since " + watchbill.zoned(place.dataset.zone, heardAt) + " " + place.dataset.place;
    if (place.dataset.state !== state) place.dataset.state = state;
    if (place.textContent !== text) place.textContent = text;
  }

  /* --- Refreshing, at most once a second ------------------------------------ */
  function refresh() {
    clearTimeout(timer);
    if (document.hidden || !hasRegions()) return;
    var wait = refreshed + GAP_MS - Date.now();
    if (wait > 0) { timer = setTimeout(refresh, wait); return; }
    refreshed = Date.now();
    htmx.trigger(document.body, "watchbill:refresh");
  }

  function listen() {
    var source = new EventSource(meta.content, { withCredentials: true });
    source.addEventListener("open", function () { isOpen = true; hear(); });
    source.addEventListener("message", function () { hear(); refresh(); });
    source.addEventListener("beat", hear);
    source.addEventListener("error", function () {
      isOpen = false;
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, POLL_MS);
    });
    window.addEventListener("pagehide", function () { source.close(); }, { once: true });
  }

  /* --- Order stands still while a row has the focus or the pointer, or is read beside the list --- */
  function isLookedAt(rows) {
    var peek = document.getElementById("peek"), isRead = Boolean(peek && !peek.hidden);
    return isRead || rows.contains(document.activeElement) || (hasPointer && rows.matches(":hover"));
  }

  function heldBack(html) {
    var rows = document.querySelector("[data-rows]");
    if (letIn || !rows || !isLookedAt(rows)) return null;
    var page = new DOMParser().parseFromString(html, "text/html"), next = page.querySelector("[data-rows]");
    if (!next) return null;
    var fresh = {}, waiting = 0, count = 0;
    Array.prototype.forEach.call(next.children, function (row) { fresh[row.dataset.row] = row; count++; });
    var left = {}, gone = page.querySelector("template[data-left]");
    if (gone) Array.prototype.forEach.call(gone.content.children, function (row) { left[row.dataset.row] = row; });
    var kept = Array.prototype.map.call(rows.children, function (row) {
      var one = fresh[row.dataset.row];
      delete fresh[row.dataset.row];
      if (!one) { one = page.importNode(left[row.dataset.row] || row, true); one.classList.add("gone"); }
      return one;
    });
    waiting = Object.keys(fresh).length;
    next.replaceChildren.apply(next, kept);
    if (waiting) {
      var bar = page.createElement("div");
      bar.className = "held"; bar.id = "held";
      bar.innerHTML = '<button type="button" data-held></button>';
      bar.firstChild.textContent = waiting + " new, show";
      next.closest("table").before(bar);
    }
    return page.body.innerHTML;
  }

  /* Rows that have left the list and stay under somebody's eyes are told as they are now: the server hears which are shown. */
  document.addEventListener("htmx:configRequest", function (event) {
    var rows = event.target.matches("[data-live]") && event.target.querySelectorAll("[data-rows] > [data-row]");
    if (rows && rows.length) event.detail.parameters.shown = Array.prototype.map.call(rows, function (row) { return row.dataset.row; }).join(",");
  });

  document.addEventListener("htmx:beforeSwap", function (event) {
    var target = event.detail.target;
    // Whom somebody is choosing from is not exchanged under her hands by an answer that comes late.
    if (target && target.matches && target.matches(".offered") && target.contains(document.activeElement)) event.detail.shouldSwap = false;
    if (!target || !target.matches || !target.matches("[data-live], #demo-band")) return;
    isUpdating = true;
    if (target.id === "demo-band") return;
    var html = heldBack(event.detail.serverResponse);
    letIn = false;
    if (html !== null) event.detail.serverResponse = html;
  });
  document.addEventListener("htmx:afterSwap", function () { isUpdating = false; });

  /* --- What somebody works in stays as it is ---------------------------------- */
  Idiomorph.defaults.callbacks.beforeNodeMorphed = function (old) {
    if (!isUpdating || !old.matches || !old.matches("[data-keep]")) return true;
    return !old.querySelector("details[open]") && !old.contains(document.activeElement);
  };

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-held]")) return;
    letIn = true;
    refreshed = 0;
    refresh();
  });
  document.addEventListener("htmx:afterRequest", function (event) { if (event.detail.successful) hear(); });
  document.addEventListener("visibilitychange", function () { if (!document.hidden) refresh(); });

  if (!hasRegions()) return;
  if (meta) listen();
  setInterval(function () { if (!isOpen) refresh(); }, POLL_MS);
  setInterval(label, 1000);
  label();
})();
