"use strict";
// Everything works without this file; with it, things are quicker: copy, live scans, leaving guards.
(() => {
  const speak = (text) => {
    const place = document.getElementById("spoken");
    if (place) place.textContent = text;
  };

  // Copy: the clipboard where the browser has one, else an old command, else a selection.
  const select = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };
  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    let done = false;
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      done = true;
    } catch {
      select(source);
      try { done = document.execCommand("copy"); } catch { done = false; }
    }
    const text = done ? button.dataset.copied : button.dataset.selected;
    const before = button.textContent;
    if (!done) select(source);
    button.textContent = text;
    speak(text);
    setTimeout(() => { button.textContent = before; }, 3000);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.copy) copy(button);
    if (button.dataset.show) {
      const field = document.getElementById(button.dataset.show);
      const hidden = field.type === "password";
      field.type = hidden ? "text" : "password";
      button.setAttribute("aria-pressed", String(hidden));
    }
    if (button.dataset.stored !== undefined) guarded = false;
  });
  for (const button of document.querySelectorAll("button[hidden]")) button.hidden = false;

  // The product that fixes are wanted for is chosen once, for every finding and the next report.
  const prefer = (tool) => {
    for (const one of document.querySelectorAll("input[data-tool]")) if (one.dataset.tool === tool) one.checked = true;
  };
  try { prefer(localStorage.getItem("tool")); } catch { /* no storage, no memory */ }
  document.addEventListener("change", (event) => {
    const tool = event.target.dataset.tool;
    if (!tool) return;
    prefer(tool);
    try { localStorage.setItem("tool", tool); } catch { /* as above */ }
  });
  // A link to a finding opens it.
  const reveal = () => {
    const one = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (one?.matches("details")) one.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();

  // A key that is shown once: ask before leaving.
  let guarded = document.querySelector("[data-guard]") !== null;
  addEventListener("beforeunload", (event) => { if (guarded) event.preventDefault(); });

  // Sending a form twice does nothing new, but looks broken.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post") {
      form.dataset.sent = "yes";
      guarded = false;
      setTimeout(() => { delete form.dataset.sent; }, 5000);
    }
  });

  // Passkeys: the browser asks its user, the form carries the answer.
  const ask = async (form) => {
    if (form.dataset.passkey === "create") {
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(form.dataset.options));
      return navigator.credentials.create({ publicKey });
    }
    const started = await fetch(form.dataset.start, { method: "POST" });
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON((await started.json()).publicKey);
    return navigator.credentials.get({ publicKey });
  };
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const failed = form.querySelector("[data-failed]");
    if (!self.PublicKeyCredential?.parseRequestOptionsFromJSON) {
      form.querySelector("[data-unable]").hidden = false;
      form.querySelector("div.row > button").hidden = true;
    }
    form.addEventListener("submit", async (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      event.stopPropagation();
      failed.hidden = true;
      try {
        form.elements.credential.value = JSON.stringify(await ask(form));
        form.requestSubmit();
      } catch {
        failed.hidden = false;
        speak(failed.textContent);
      }
    });
  }

  // The menu stands open where there is room for it.
  const menu = document.querySelector("details.menu");
  if (menu) {
    const wide = matchMedia("(min-width: 768px)");
    const fit = () => { menu.open = wide.matches; };
    fit();
    wide.addEventListener("change", fit);
  }

  // A limit that passes: the page counts the seconds and then asks again.
  const wait = document.querySelector("[data-wait]");
  if (wait) {
    let left = Number(wait.dataset.wait);
    const timer = setInterval(() => {
      left -= 1;
      wait.textContent = String(Math.max(0, left));
      if (left <= 0) { clearInterval(timer); location.reload(); }
    }, 1000);
  }

  // A live scan: events while the page is seen, questions when they do not come.
  const live = document.querySelector("[data-live]");
  if (live) {
    const bar = live.querySelector("progress");
    const word = live.querySelector("[data-done]");
    const title = document.title;
    const lost = live.querySelector("[data-lost]");
    let source = null, heard = 0, quarter = 0, asked = false;
    const show = (done, total) => {
      if (!bar) return;
      bar.max = total;
      bar.value = done;
      if (word) word.textContent = String(done);
      document.title = `(${done}/${total}) ${title}`;
      const now = Math.floor((4 * done) / total);
      if (now > quarter) { quarter = now; speak(`${done} / ${total}`); }
    };
    const finish = () => { guarded = false; location.reload(); };
    // The page itself tells how things stand; its rows and its bar take the place of ours.
    const ask = () => {
      const question = new XMLHttpRequest();
      question.open("GET", location.pathname);
      question.responseType = "document";
      question.onload = () => {
        if (lost) lost.hidden = true;
        const now = question.response?.querySelector("[data-live]");
        if (!now) { finish(); return; }
        live.querySelector(".steps").replaceWith(document.adoptNode(now.querySelector(".steps")));
        const told = now.querySelector("progress");
        show(told.value, told.max);
      };
      question.onerror = () => { if (lost) lost.hidden = false; };
      question.send();
    };
    const close = () => { source?.close(); source = null; };
    // A browser opens six connections to a host over HTTP/1.1, so one page at a time has a stream
    // where pages can agree on it (secure origins); the others ask.
    const listen = async () => {
      if (!navigator.locks) { stream(); return; }
      if (asked) return;
      asked = true;
      await navigator.locks.request("stream", { ifAvailable: true }, async (lock) => {
        if (!lock) return;
        stream();
        await new Promise((done) => { const timer = setInterval(() => { if (!source) { clearInterval(timer); done(); } }, 500); });
      });
      asked = false;
    };
    const stream = () => {
      source = new EventSource(live.dataset.live);
      source.addEventListener("module", (event) => {
        heard = Date.now();
        const told = JSON.parse(event.data);
        const row = document.getElementById(`module-${told.module}`);
        if (row) {
          row.querySelector(".state").textContent = live.dataset.finished;
          bar.value = Math.min(bar.max, bar.value + (row.dataset.seen ? 0 : 1));
          row.dataset.seen = "yes";
          show(bar.value, bar.max);
        }
      });
      source.addEventListener("status", () => { heard = Date.now(); });
      source.addEventListener("done", finish);
      source.onerror = close;
    };
    const tick = () => {
      if (document.hidden) { close(); return; }
      if (!source) listen();
      if (Date.now() - heard > 5000) ask();
    };
    document.addEventListener("visibilitychange", tick);
    setInterval(tick, 3000);
    tick();
  }
})();
