/* Keys press what is on the page: an element says its key with data-key, a page of the navigation its letter
   after G with data-go. So a control that a person may not use has no key either. Off in text fields, and
   altogether with <html data-keys="off">. */
(function () {
  "use strict";
  var LIST = "[data-row], body, main, #peek-title"; // where Enter and Space are the list's
  var afterG = 0, cardTimer = 0, lastBox = null;

  function isOn() { return document.documentElement.dataset.keys !== "off"; }

  function isTyping(target) {
    return target.isContentEditable || target.matches("textarea, select") ||
      (target.matches("input") && !/^(checkbox|radio|button|submit)$/.test(target.type));
  }

  function isVisible(element) { return element.getClientRects().length > 0; }

  function find(selector) { return Array.prototype.filter.call(document.querySelectorAll(selector), isVisible)[0]; }

  function press(element) {
    if (element.matches("summary")) {
      var details = element.parentNode;
      // A form that stands open is gone to, not closed: its key asks for the form.
      var isForm = Boolean(details.querySelector("form")) && !details.contains(document.activeElement);
      details.open = isForm || !details.open;
      if (details.open) focusFirst(details); else element.focus();
    } else if (element.matches("textarea, input:not([type=checkbox])")) {
      element.focus();
      if (element.matches("textarea")) element.setSelectionRange(element.value.length, element.value.length);
    } else {
      element.click();
    }
  }

  function focusFirst(details) {
    var first = details.querySelector("select, textarea, input:not([type=hidden]), button, .pop a");
    if (first) first.focus();
  }

  /* --- Lists: J and K move, Enter opens, Space peeks, X selects ------------------------- */
  function rows() { return Array.prototype.slice.call(document.querySelectorAll("[data-rows] [data-row]")); }

  function currentRow() { return document.querySelector("[data-rows] [data-row][aria-selected=true]"); }

  function select(row) {
    rows().forEach(function (one) {
      if (one === row) one.setAttribute("aria-selected", "true"); else one.removeAttribute("aria-selected");
      var act = one.querySelector("[data-select]");
      if (act) act.classList.toggle("primary", one === row);
    });
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    var chosen = document.getElementById("selected-case");
    if (chosen) chosen.value = row.dataset.row;
    loadCard(row);
    if (window.watchbill.peek) window.watchbill.peek.follow(row);
  }

  /* The card follows the selected row, once the person has stopped moving for a moment. */
  function loadCard(row) {
    var list = row.closest("[data-card]");
    if (!list || !window.htmx) return;
    clearTimeout(cardTimer);
    cardTimer = setTimeout(function () {
      var address = new URL(location.href);
      address.searchParams.set("case", row.dataset.row);
      history.replaceState(history.state, "", address);
      htmx.ajax("GET", list.dataset.card + (list.dataset.card.indexOf("?") < 0 ? "?" : "&") + "case=" + encodeURIComponent(row.dataset.row), { target: "#card", swap: "morph:outerHTML" });
    }, 120);
  }

  function move(step) {
    var all = rows();
    if (!all.length) return false;
    var at = all.indexOf(currentRow());
    select(all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)]);
    return true;
  }

  function toggle(isRange) {
    var row = currentRow(), box = row && row.querySelector("input[type=checkbox]");
    if (!box) return false;
    box.checked = !box.checked;
    if (isRange && lastBox && document.contains(lastBox)) {
      var all = rows(), a = all.indexOf(lastBox.closest("[data-row]")), b = all.indexOf(row);
      all.slice(Math.min(a, b), Math.max(a, b) + 1).forEach(function (one) { one.querySelector("input[type=checkbox]").checked = box.checked; });
    }
    lastBox = box;
    countSelected();
    return true;
  }

  function countSelected() {
    document.querySelectorAll("[data-selected-count]").forEach(function (place) {
      place.textContent = document.querySelectorAll("[data-rows] input[type=checkbox]:checked").length;
    });
  }

  function openRow() {
    var link = currentRow() && currentRow().querySelector("[data-open]");
    if (link) link.click();
    return Boolean(link);
  }

  function go(letter) {
    var link = document.querySelector('[data-go="' + letter + '"]');
    if (link) link.click();
    return Boolean(link);
  }

  function closeMenus(except) {
    var closed = null;
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!except || !menu.contains(except)) { menu.open = false; closed = menu; }
    });
    return closed;
  }

  function single(event) {
    var key = event.key.toLowerCase();
    if (Date.now() - afterG < 1200) { afterG = 0; return /^[a-z]$/.test(key) && go(key); }
    var keyed = '[data-key="' + key + '"]', row = currentRow();
    // A page's key wins over a list's; where every row has its own, the selected row's is meant.
    var own = /^([a-z]|\.)$/.test(key) && ((row && row.querySelector(keyed)) || find(keyed));
    if (own) { press(own); return true; }
    switch (key) {
      case "g": afterG = Date.now(); return true;
      case "j": return move(1);
      case "k": return move(-1);
      case "x": return toggle(event.shiftKey);
      case "enter": return event.target.matches(LIST) && openRow();
      case " ": return event.target.matches(LIST) && Boolean(window.watchbill.peek) && window.watchbill.peek.toggle(currentRow());
      case "?": document.getElementById("keysheet").showModal(); return true;
      case "/": if (window.watchbill.openPalette) { window.watchbill.openPalette(); return true; } return false;
    }
    return false;
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-send]")) {
      event.target.form.requestSubmit();
      return;
    }
    if (event.key === "Escape") {
      var menu = closeMenus();
      if (menu) menu.querySelector("summary").focus();
      else if (isTyping(event.target)) event.target.blur();
      else if (window.watchbill.peek) window.watchbill.peek.close(currentRow());
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || !isOn() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (single(event)) event.preventDefault();
  });

  document.addEventListener("click", function (event) {
    closeMenus(event.target);
    if (event.target.matches("[data-rows] input[type=checkbox]")) { lastBox = event.target; countSelected(); }
    var peek = window.watchbill.peek;
    if (peek && event.target.closest("[data-peek-close]")) peek.close(currentRow());
    var at = peek && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.target.closest("[data-peek-at]");
    if (at) {
      var row = at.closest("[data-row]"), isSame = row === currentRow();
      event.preventDefault();
      if (!isSame) peek.close();
      select(row);
      peek.toggle(row);
    }
    var chosen = event.target.closest("[data-select]");
    if (chosen && window.htmx && !event.ctrlKey && !event.metaKey && !event.shiftKey && chosen.closest("[data-card]")) {
      event.preventDefault();
      select(chosen.closest("[data-row]"));
    }
  });

  /* A form that came back with an error: the summary takes the focus. */
  function focusProblem(root) {
    var problem = root.querySelector && root.querySelector("[data-focus]");
    if (problem) problem.focus();
  }
  focusProblem(document);
  document.addEventListener("htmx:afterSwap", function (event) { focusProblem(event.target); });
})();
