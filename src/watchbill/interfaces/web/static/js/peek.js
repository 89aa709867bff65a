/* Space reads the selected case beside its list: the list stays where it is, J and K go on reading, Space or Escape
   gives the place back to the list. The same by pointer: each row has a link, which without scripts opens the case. */
(function () {
  "use strict";
  var place = document.getElementById("peek"), timer = 0, wanted = "";
  if (!place || !window.fetch) return;

  function isOpen() { return !place.hidden; }

  function show(row) {
    var address = wanted = row.dataset.peek;
    clearTimeout(timer);
    timer = setTimeout(function () {
      fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.text();
      }).then(function (html) {
        if (address !== wanted) return; // somebody has moved on, or closed it
        place.innerHTML = html;
        place.hidden = false;
        place.scrollTop = 0;
        document.getElementById("peek-title").focus({ preventScroll: true });
        window.watchbill.tick();
      }).catch(function () { window.watchbill.announce("The case cannot be read at the moment"); });
    }, isOpen() ? 120 : 0);
  }

  /* Whether there was something to close. The row that was read has the focus again. */
  function close(row) {
    clearTimeout(timer);
    wanted = "";
    if (!isOpen()) return false;
    place.hidden = true;
    place.replaceChildren();
    if (row) row.focus({ preventScroll: true });
    return true;
  }

  function toggle(row) {
    if (close(row)) return true;
    if (row) show(row);
    return Boolean(row);
  }

  window.watchbill.peek = { toggle: toggle, close: close, follow: function (row) { if (isOpen()) show(row); } };
})();
