/* Ticks what the server rendered: the desk's time, clock pills, fuses, and the seconds left to undo.
   The page's clock runs on from the instant in #desk-clock by the monotonic clock of this browser,
   so a wrong wall clock here does no harm. A morph swap simply brings new attributes. */
(function () {
  "use strict";
  var AXIS = [[-60, 0], [0, 12], [15, 38], [60, 63], [240, 80], [1440, 100]]; // as in clockface.py
  var MINUS = "\u2212";
  var anchor = { key: null };
  var zones = {};

  function clockElement() { return document.getElementById("desk-clock"); }

  /* Desk time in milliseconds since 1970, or null without a clock on the page. */
  function deskNow() {
    var element = clockElement();
    if (!element) return null;
    var data = element.dataset;
    var key = [data.deskAt, data.wallAt, data.rate, data.limitAt].join();
    if (anchor.key !== key) {
      anchor = { key: key, desk: Date.parse(data.deskAt), mono: performance.now(), rate: Number(data.rate), limit: data.limitAt ? Date.parse(data.limitAt) : Infinity };
    }
    return Math.min(anchor.desk + (performance.now() - anchor.mono) * anchor.rate, Math.max(anchor.limit, anchor.desk));
  }

  function two(number) { return (number < 10 ? "0" : "") + number; }

  function duration(seconds) {
    var sign = seconds < 0 ? MINUS : "", left = Math.floor(Math.abs(seconds));
    if (left < 60) return sign + left + " s";
    if (left < 3600) return sign + Math.floor(left / 60) + " min";
    if (left < 86400) {
      var minutes = Math.floor(left % 3600 / 60);
      return sign + Math.floor(left / 3600) + " h" + (minutes ? " " + two(minutes) : "");
    }
    var days = Math.floor(left / 86400), hours = Math.floor(left % 86400 / 3600);
    return sign + days + " d" + (hours && days < 10 ? " " + hours + " h" : "");
  }

  function stopwatch(seconds) {
    var left = Math.floor(Math.abs(seconds));
    if (left >= 3600) return (seconds < 0 ? MINUS : "") + Math.floor(left / 3600) + " h" + (left % 3600 < 60 ? "" : " " + two(Math.floor(left % 3600 / 60)));
    if (left >= 600) return duration(seconds);
    return (seconds < 0 ? MINUS : "") + Math.floor(left / 60) + ":" + two(left % 60);
  }

  function percent(minutes) {
    if (minutes <= AXIS[0][0]) return 0;
    for (var i = 1; i < AXIS.length; i++) {
      if (minutes <= AXIS[i][0]) {
        var a = AXIS[i - 1], b = AXIS[i];
        return a[1] + (minutes - a[0]) * (b[1] - a[1]) / (b[0] - a[0]);
      }
    }
    return 100;
  }

  function face(left, amber) { return left < 0 ? "breached" : left < amber ? "risk" : left < 3600 ? "soon" : "ok"; }

  function setText(element, text) { if (element && element.textContent !== text) element.textContent = text; }

  function setFace(element, next) {
    if (element.classList.contains(next)) return false;
    element.classList.remove("ok", "soon", "risk", "breached");
    element.classList.add(next);
    return true;
  }

  var SPOKEN = { breached: "breached by ", risk: "at risk, breaches in ", soon: "breaches in ", ok: "breaches in " };

  function tickPill(pill, left) {
    var next = face(left, Number(pill.dataset.amber));
    setText(pill.querySelector(".t"), duration(left));
    if (setFace(pill, next)) {
      setText(pill.querySelector(".vh"), SPOKEN[next]);
      var row = pill.closest("[data-row]");
      if (next === "breached" && row) announce(row.dataset.row + " has breached its target");
    }
  }

  function tickFuse(fuse, left) {
    var at = percent(left / 60), bar = fuse.querySelector(".bar"), tick = fuse.querySelector(".tick");
    setFace(fuse, face(left, Number(fuse.dataset.amber)));
    bar.setAttribute("x", Math.min(at, 12) + "%");
    bar.setAttribute("width", Math.abs(at - 12) + "%");
    tick.setAttribute("x", at + "%");
  }

  /* Business time: it stands still while the calendar is closed. */
  function tickLarge(value, now) {
    var data = value.dataset;
    var left = (Date.parse(data.ends) - Math.max(Date.parse(data.from), Math.min(now, Date.parse(data.until)))) / 1000;
    setText(value, stopwatch(left));
    setFace(value.parentNode, Date.parse(data.due) < now ? "breached" : face(Math.max(left, 0), Number(data.amber)));
  }

  function zoned(zone, now) {
    zones[zone] = zones[zone] || new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    return zones[zone].format(now);
  }

  function dayOf(now) {
    var date = new Date(now);
    return ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][date.getUTCDay()] + " " + date.getUTCDate() + " " +
      ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][date.getUTCMonth()];
  }

  function tick() {
    var now = deskNow();
    if (now === null) return;
    document.querySelectorAll("[data-due]").forEach(function (element) {
      var left = (Date.parse(element.dataset.due) - now) / 1000;
      if (element.matches("svg")) tickFuse(element, left);
      else if ("large" in element.dataset) tickLarge(element, now);
      else tickPill(element, left);
    });
    clockElement().querySelectorAll("[data-zone]").forEach(function (element) { setText(element, zoned(element.dataset.zone, now)); });
    setText(clockElement().querySelector("[data-date]"), dayOf(now));
  }

  /* The undo window is wall time. A toast stays while it, or anything in it, has the focus. */
  function tickToasts() {
    document.querySelectorAll("[data-toast]").forEach(function (toast) {
      var left = Number(toast.dataset.seconds) - 1;
      toast.dataset.seconds = left;
      setText(toast.querySelector("[data-left]"), String(Math.max(left, 0)));
      if (left <= 0 && !toast.contains(document.activeElement)) toast.remove();
    });
  }

  function announce(text) {
    var place = document.getElementById("announce");
    if (place) place.textContent = text;
  }

  window.watchbill = { deskNow: deskNow, duration: duration, stopwatch: stopwatch, axisPercent: percent, announce: announce, tick: tick, zoned: zoned };
  tick();
  setInterval(tick, 500);
  setInterval(tickToasts, 1000);
  document.addEventListener("htmx:afterSettle", tick);
})();
