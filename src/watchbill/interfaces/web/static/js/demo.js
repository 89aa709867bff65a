/* A demo's own: the question before its story begins again, and the band that follows a jump on every page. */
(function () {
  "use strict";
  var EVERY_MS = 1500;

  document.addEventListener("click", function (event) {
    var asked = event.target.closest("[data-dialog]");
    var dialog = asked && document.getElementById(asked.dataset.dialog);
    if (!dialog || !dialog.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    dialog.showModal();
  });

  setInterval(function () {
    var band = document.querySelector("#demo-band[data-refresh]");
    if (band && !document.hidden) htmx.ajax("GET", band.dataset.refresh, { source: band, target: band, swap: "morph:outerHTML" });
  }, EVERY_MS);
})();
