/* The command palette: a combobox whose list the server renders. Opens with Ctrl or Cmd and K, with /, or by the
   search field; without scripts the same link leads to a page of its own. */
(function () {
  "use strict";
  var dialog = document.getElementById("palette");
  if (!dialog || !dialog.showModal) return;
  var input = dialog.querySelector("input"), list = document.getElementById("palette-list");
  var timer = 0, asked = 0;

  function options() { return Array.prototype.slice.call(list.querySelectorAll("[role=option]")); }

  function mark(next) {
    options().forEach(function (one) { one.setAttribute("aria-selected", String(one === next)); });
    if (next) {
      input.setAttribute("aria-activedescendant", next.id);
      next.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function marked() { return list.querySelector("[aria-selected=true]"); }

  function step(by) {
    var all = options(), at = all.indexOf(marked());
    if (all.length) mark(all[(at + by + all.length) % all.length]);
  }

  /* Only the answer to the latest question is shown. */
  function ask() {
    var number = ++asked, address = new URL(dialog.dataset.href, location.href);
    address.searchParams.set("q", input.value);
    var chosen = document.getElementById("selected-case"), shown = document.querySelector("[data-case]");
    var about = (chosen && chosen.value) || (shown && shown.dataset.case);
    if (about) address.searchParams.set("case", about);
    fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.text();
    }).then(function (html) {
      if (number !== asked) return;
      list.innerHTML = html;
      mark(options()[0]);
    }).catch(function () {
      if (number === asked) list.innerHTML = '<p class="pal-group">The server did not answer. Try again.</p>';
    });
  }

  function run(option) {
    if (!option) return;
    dialog.close();
    var control = option.dataset.press && document.querySelector('[data-key="' + option.dataset.press + '"]');
    if (control) { if (control.matches("summary")) control.parentNode.open = true; else control.click(); }
    else location.assign(option.href);
  }

  function open() {
    if (dialog.open) return;
    input.value = "";
    dialog.showModal();
    ask();
  }

  window.watchbill.openPalette = open;
  input.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(ask, 60); });
  input.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Enter") run(marked());
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", function (event) {
    var option = event.target.closest("[role=option]");
    if (!option || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    run(option);
  });
  dialog.addEventListener("click", function (event) { if (event.target === dialog) dialog.close(); });
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
  });
  document.addEventListener("click", function (event) {
    var opener = event.target.closest("[data-palette]");
    if (opener && !event.ctrlKey && !event.metaKey) { event.preventDefault(); open(); }
  });
})();
