/* Saves each answer of a section as it is given. Without it the page works the same, page by page.

   What could not be sent waits in the tab (sessionStorage, by draft and section) and is tried again
   with growing waits; the page warns before it closes. One request is on its way at a time. Each
   says which revision of the draft it rests on; where another device was faster, the server says
   what stands there, and what the person touched here is sent once more. Words are kept as they are
   typed and sent after a pause, or when their box is left. */
(function () {
  "use strict";

  if (document.querySelector("[data-forget]")) {
    sessionStorage.clear();
    return;
  }
  var form = document.querySelector("form.section-form");
  if (!form || !window.fetch || !window.URLSearchParams) return;

  var STORE = "midtier:" + form.dataset.draft;
  var LONGEST_WAIT_S = 60;
  var TIMEOUT_MS = 20000;
  var PAUSE_MS = 1500;
  var here = location.pathname;
  var address = here + location.search;
  var status = form.querySelector(".unsaved");
  var isBusy = false;
  var isLeaving = false;
  var failures = 0;
  var repeats = 0;
  var isInTrouble = false; /* the page says that something waits which will be saved */
  var timer = 0;
  var typing = 0; /* the timer of a pause in typing; 0: nobody types */

  /* {path: {address, answers: {name: value}, go: "" | "on" | "back"}} */
  var waiting = read();

  function read() {
    try {
      return JSON.parse(sessionStorage.getItem(STORE)) || {};
    } catch (error) {
      return {};
    }
  }

  function keep() {
    try {
      sessionStorage.setItem(STORE, JSON.stringify(waiting));
    } catch (error) { /* a full or forbidden store: what waits is still in this page */ }
  }

  function entry(path, where) {
    if (!waiting[path]) waiting[path] = { address: where, answers: {}, go: "" };
    return waiting[path];
  }

  function field(name) {
    return form.elements.namedItem(name);
  }

  function boxes() {
    return form.querySelectorAll('textarea, input[type="checkbox"]');
  }

  function valueOf(box) {
    return box.type !== "checkbox" ? box.value : box.checked ? "yes" : "no";
  }

  function choose(name, value) {
    boxes().forEach(function (box) {
      if (box.name !== name) return;
      if (box.type === "checkbox") box.checked = value === "yes";
      else box.value = value;
    });
    var radios = form.querySelectorAll('input[type="radio"]');
    for (var i = 0; i < radios.length; i++) {
      if (radios[i].name === name) radios[i].checked = radios[i].value === value;
    }
  }

  function shown() {
    var found = {};
    form.querySelectorAll('input[type="radio"]:checked').forEach(function (radio) {
      found[radio.name] = radio.value;
    });
    boxes().forEach(function (box) { found[box.name] = valueOf(box); });
    return found;
  }

  function known() {
    try {
      return JSON.parse(field("before").value);
    } catch (error) {
      return {};
    }
  }

  /* what the page would send by itself as answered: kept in step with what is saved */
  function learn(answers) {
    if (!field("before")) return;
    var before = known();
    Object.keys(answers).forEach(function (name) {
      var value = answers[name];
      var kind = field(name) && field(name).type;
      if (kind === "checkbox") before[name] = value === "yes";
      else if (kind === "textarea") before[name.replace("item-", "")] = value;
      else before[name.replace("item-", "")] = /^\d+$/.test(value) ? Number(value) : value;
    });
    field("before").value = JSON.stringify(before);
  }

  /* the field's value as far as the page knows that it is saved */
  function savedValue(before, name) {
    var kind = field(name) && field(name).type;
    if (kind === "checkbox") return before[name] ? "yes" : "no";
    var value = before[name.replace("item-", "")];
    return kind === "textarea" ? value || "" : String(value);
  }

  function say(text, isWrong) {
    if (status.textContent === text) return;
    status.textContent = text;
    status.classList.toggle("unsaved-wrong", Boolean(isWrong));
  }

  function next() {
    if (waiting[here]) return here;
    return Object.keys(waiting)[0];
  }

  function flush() {
    var path = next();
    if (!path || isBusy || isLeaving) return;
    clearTimeout(timer);
    isBusy = true;
    var sent = { answers: Object.assign({}, waiting[path].answers), go: waiting[path].go };
    var body = new URLSearchParams();
    ["csrf_token", "revision", "opened"].forEach(function (name) {
      if (field(name) && (name !== "opened" || path === here)) body.append(name, field(name).value);
    });
    body.append("go", sent.go || "stay");
    Object.keys(sent.answers).forEach(function (name) { body.append(name, sent.answers[name]); });
    var stop = new AbortController();
    var limit = setTimeout(function () { stop.abort(); }, TIMEOUT_MS);
    fetch(waiting[path].address, {
      method: "POST", body: body, headers: { Accept: "application/json" },
      credentials: "same-origin", signal: stop.signal
    }).then(function (response) {
      var type = response.headers.get("Content-Type") || "";
      if (type.indexOf("application/json") !== 0) throw new Error("not an answer of the survey");
      return response.json().then(function (data) { return { code: response.status, data: data }; });
    }).then(function (result) {
      clearTimeout(limit);
      isBusy = false;
      take(path, sent, result.code, result.data);
    }).catch(function () {
      clearTimeout(limit);
      isBusy = false;
      later();
    });
  }

  function take(path, sent, code, data) {
    if (code === 200) return saved(path, sent, data);
    if (data.csrf_token) {
      field("csrf_token").value = data.csrf_token;
      return again();
    }
    if (data.closed) {
      waiting = {};
      keep();
      return leave(data.next);
    }
    if (data.revision !== undefined) {
      field("revision").value = data.revision;
      if (path === here) changedElsewhere(data.answers);
      return again();
    }
    if (code >= 500 || code === 429) return later();
    /* refused: it cannot be saved as it is; nothing that was saved before is lost */
    if (code !== 403) delete waiting[path];
    isInTrouble = code === 403;
    keep();
    say(data.message || form.dataset.unsaved, true);
    if (data.next) {
      var link = document.createElement("a");
      link.className = "link";
      link.href = data.next;
      link.textContent = data.next_text;
      status.append(" ", link);
    }
  }

  function saved(path, sent, data) {
    field("revision").value = data.revision;
    var rest = waiting[path];
    Object.keys(sent.answers).forEach(function (name) {
      if (rest.answers[name] === sent.answers[name]) delete rest.answers[name];
    });
    if (path === here) learn(sent.answers);
    var isWhole = Object.keys(rest.answers).length === 0;
    if (isWhole && (rest.go === "" || rest.go === sent.go)) delete waiting[path];
    keep();
    if (isInTrouble && !next()) {
      isInTrouble = false;
      say(form.dataset.recovered, false);
    }
    failures = 0;
    repeats = 0;
    if (path === here && data.next && isWhole) return leave(data.next);
    if (!typing) flush();
  }

  function changedElsewhere(answers) {
    var mine = waiting[here] ? waiting[here].answers : {};
    var now = shown();
    var isNew = false;
    Object.keys(answers || {}).forEach(function (name) {
      if (mine[name] !== undefined || now[name] === answers[name]) return;
      choose(name, answers[name]);
      isNew = true;
    });
    learn(answers || {});
    if (!isNew) return;
    isInTrouble = false; /* what changed must be read: nothing takes the place of this note */
    say(form.dataset.elsewhere, false);
  }

  function again() {
    repeats += 1;
    if (repeats > 3) return later();
    flush();
  }

  function later() {
    failures += 1;
    var wait = Math.min(Math.pow(2, failures - 1), LONGEST_WAIT_S) * (0.75 + Math.random() / 2);
    isInTrouble = true;
    say(form.dataset.unsaved, true);
    clearTimeout(timer);
    timer = setTimeout(flush, wait * 1000);
  }

  function leave(where) {
    isLeaving = true;
    location.assign(where);
  }

  /* answers chosen on the page that are neither saved nor waiting: a browser put them back */
  function collect() {
    var before = known();
    var now = shown();
    Object.keys(now).forEach(function (name) {
      if (savedValue(before, name) !== now[name]) entry(here, address).answers[name] = now[name];
    });
  }

  form.addEventListener("change", function (event) {
    var given = event.target;
    if (["radio", "checkbox", "textarea"].indexOf(given.type) < 0) return;
    if (given.type === "textarea") stopTyping();
    entry(here, address).answers[given.name] = given.type === "radio" ? given.value : valueOf(given);
    keep();
    flush();
  });

  form.addEventListener("input", function (event) {
    if (event.target.type !== "textarea") return;
    entry(here, address).answers[event.target.name] = event.target.value;
    keep();
    stopTyping();
    typing = setTimeout(function () {
      typing = 0;
      flush();
    }, PAUSE_MS);
  });

  function stopTyping() {
    clearTimeout(typing);
    typing = 0;
  }

  form.addEventListener("submit", function (event) {
    var button = event.submitter;
    if (!button || button.name !== "go") {
      isLeaving = true; /* the browser sends the whole page itself */
      return;
    }
    event.preventDefault();
    stopTyping();
    collect();
    entry(here, address).go = button.value;
    keep();
    clearTimeout(timer);
    flush();
  });

  window.addEventListener("online", function () {
    failures = Math.min(failures, 1);
    flush();
  });

  window.addEventListener("beforeunload", function (event) {
    if (isLeaving || !next()) return;
    event.preventDefault();
    event.returnValue = "";
  });

  /* a page that the browser kept whole may show an old state */
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) location.reload();
  });

  form.querySelector(".saved-page").hidden = true;
  form.querySelector(".saved-answer").hidden = false;
  if (waiting[here]) {
    waiting[here].go = "";
    Object.keys(waiting[here].answers).forEach(function (name) {
      choose(name, waiting[here].answers[name]);
    });
  }
  Object.keys(waiting).forEach(function (path) { if (path !== here) waiting[path].go = ""; });
  flush();
})();
