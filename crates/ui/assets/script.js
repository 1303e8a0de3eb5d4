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
    if (!done) select(source);
    // Pressed again meanwhile, the button still knows what it was called.
    button.dataset.label ??= button.textContent;
    button.textContent = text;
    speak(text);
    clearTimeout(button.timer);
    button.timer = setTimeout(() => { button.textContent = button.dataset.label; }, 3000);
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
  // A link to a finding, or into one, opens it.
  const reveal = () => {
    const one = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("details");
    if (one) one.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();

  // What a form did, or that a scan has ended, is said where the page begins.
  const recall = (name, value) => {
    try {
      const before = sessionStorage.getItem(name);
      if (value) sessionStorage.setItem(name, value); else sessionStorage.removeItem(name);
      return before;
    } catch { return null; }
  };
  const told = new URLSearchParams(location.search).has("done");
  if (recall("ended") === location.pathname || told) {
    const heading = document.querySelector("h1");
    heading.tabIndex = -1;
    heading.focus();
    if (told) setTimeout(() => speak(document.querySelector(".notice.good")?.textContent.trim() ?? ""), 500);
  }

  // A key that is shown once: ask before leaving, until somebody says that it is stored. Only the browser
  // may ask, and it does so for each attempt.
  let guarded = document.querySelector("[data-guard]") !== null;
  addEventListener("beforeunload", (event) => { if (guarded) event.preventDefault(); });

  // Sending a form twice does nothing new, but looks broken.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post") {
      form.dataset.sent = "yes";
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

  // A limit that passes: the page counts the seconds and asks again, once. If that is refused too, it is
  // for people to say when.
  const wait = document.querySelector("[data-wait]");
  if (wait) {
    const again = performance.getEntriesByType("navigation")[0]?.type !== "reload";
    let left = Number(wait.dataset.wait);
    const timer = setInterval(() => {
      left -= 1;
      wait.textContent = String(Math.max(0, left));
      if (left > 0) return;
      clearInterval(timer);
      // What was sent is not sent again by itself.
      if (again && wait.dataset.stay === undefined) location.reload();
    }, 1000);
  }

  // A live scan: events while the page is seen, questions when they do not come.
  const live = document.querySelector("[data-live]");
  if (live) {
    const title = document.title, lost = live.querySelector("[data-lost]"), name = crypto.getRandomValues(new Uint32Array(2)).join("-");
    let source = null, heard = 0, moved = 0, quarter = 0, asking = false, over = false, pause = 0, next = 0;
    const show = () => {
      const bar = live.querySelector("progress");
      document.title = `(${bar.value}/${bar.max}) ${title}`;
      const now = Math.floor((4 * bar.value) / bar.max);
      if (now > quarter) { quarter = now; speak(`${bar.value} / ${bar.max}`); }
    };
    const trouble = (is) => {
      if (lost.hidden === !is) return;
      lost.hidden = !is;
      if (is) speak(lost.textContent);
    };
    // Whatever is between us and the server may answer too: only our own pages are believed, and while
    // they do not come, questions become rarer.
    const ask = () => {
      if (asking) return;
      asking = true;
      const question = new XMLHttpRequest(), since = Date.now();
      question.open("GET", location.pathname);
      question.responseType = "document";
      question.timeout = 15000;
      question.onload = () => {
        const { status, response, responseURL } = question;
        const ours = response?.getElementById("main");
        const now = ours?.querySelector("[data-part]");
        if (!ours || status >= 500 || status === 429) { trouble(true); return; }
        trouble(false);
        pause = 0;
        if (new URL(responseURL).pathname !== location.pathname) location.assign(responseURL);
        else if (now) {
          // What the stream told meanwhile is newer.
          if (moved >= since) return;
          live.querySelector("[data-part]").replaceWith(document.adoptNode(now));
          show();
        } else {
          if (status === 200) recall("ended", location.pathname);
          location.reload();
        }
      };
      question.onerror = question.ontimeout = () => trouble(true);
      question.onloadend = () => {
        asking = false;
        if (!lost.hidden) pause = Math.min(30000, 2 * pause || 3000);
        next = Date.now() + pause;
      };
      question.send();
    };
    const close = () => { source?.close(); source = null; };
    // A browser opens six connections to a host over HTTP/1.1, so of all pages one has a stream and the
    // others ask. Which one stands in the storage that they share, for nine seconds at a time.
    const mine = (give) => {
      try {
        const [who, until] = (localStorage.getItem("stream") ?? "").split(" ");
        if (who && who !== name && Date.now() < Number(until)) return false;
        if (give) localStorage.removeItem("stream");
        else localStorage.setItem("stream", `${name} ${Date.now() + 9000}`);
        return true;
      } catch { return false; }
    };
    const stream = () => {
      source = new EventSource(live.dataset.live);
      source.addEventListener("module", (event) => {
        heard = moved = Date.now();
        const told = JSON.parse(event.data);
        const row = document.getElementById(`module-${told.module}`);
        if (!row) return;
        row.querySelector(".state").textContent = told.state;
        row.querySelector(".said").textContent = told.said;
        row.dataset.seen = "yes";
        const done = live.querySelectorAll("[data-seen]").length;
        live.querySelector("progress").value = done;
        live.querySelector("[data-done]").textContent = String(done);
        show();
      });
      source.addEventListener("status", (event) => {
        if (JSON.parse(event.data).status === "running") ask();
        heard = Date.now();
      });
      source.addEventListener("done", () => { over = true; heard = 0; close(); ask(); });
      source.onerror = close;
    };
    const tick = () => {
      if (document.hidden) { close(); mine(true); return; }
      if (!mine()) close();
      else if (!source && !over) stream();
      if (Date.now() - heard > 5000 && Date.now() >= next) ask();
    };
    addEventListener("pagehide", () => mine(true));
    document.addEventListener("visibilitychange", tick);
    setInterval(tick, 3000);
    setInterval(() => {
      const left = live.querySelector("[data-left]");
      if (left && Number(left.textContent) > 1) left.textContent = String(Number(left.textContent) - 1);
      else left?.parentElement.remove();
    }, 1000);
    tick();
  }
})();
