// The script alone, before pages of a server that fails as real ones do.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { launch } from "./browser.mjs";
import { until } from "./service.mjs";

const SCRIPT = readFileSync(new URL("../../crates/ui/assets/script.js", import.meta.url));
const page = (content) => `<!doctype html><html lang="en"><head><title>Scan</title><script src="/script.js" defer></script></head>
  <body><main id="main"><h1>Scan</h1>${content}</main><div id="spoken" role="status" aria-live="polite"></div></body></html>`;
const live = (done) => page(`<section data-live="/scans/1/events"><p data-lost hidden>The connection is lost.</p>
  <div data-part><span data-done>${done}</span><progress max="16" value="${done}"></progress>
  <ul class="steps"><li id="module-waf"><span class="state">running</span> <span class="said"></span></li></ul></div></section>`);

let browser, site, url;
/** What the server answers, by path: a function or [status, body, headers]. */
const answers = new Map();
const asked = [];

before(async () => {
  browser = await launch();
  site = createServer((request, answer) => {
    const path = request.url.split("?")[0];
    asked.push(path);
    if (path === "/script.js") { answer.setHeader("content-type", "text/javascript"); answer.end(SCRIPT); return; }
    const found = answers.get(path);
    if (typeof found === "function") { found(request, answer); return; }
    const [status, body, headers] = found ?? [404, page("Nothing here")];
    answer.writeHead(status, { "content-type": "text/html", ...headers });
    answer.end(body);
  }).listen(0, "127.0.0.1");
  await once(site, "listening");
  url = `http://127.0.0.1:${site.address().port}`;
});
after(async () => { await browser.close(); site.closeAllConnections(); site.close(); });

async function open(path) {
  const context = await browser.newContext({ baseURL: url });
  const tab = await context.newPage();
  await tab.goto(path);
  return tab;
}

test("a proxy that answers for the server is not believed, and the report comes with the focus on it", async () => {
  answers.set("/scans/1", [200, live(3)]);
  const tab = await open("/scans/1");
  answers.set("/scans/1", [502, "<html><body><h1>502 Bad Gateway</h1></body></html>"]);
  await tab.getByText("The connection is lost.").first().waitFor({ timeout: 10_000 });
  assert.equal(await tab.locator("h1").textContent(), "Scan", "the tab is not left on the proxy's page");
  assert.equal(await tab.locator("#spoken").textContent(), "The connection is lost.");
  answers.set("/scans/1", [200, live(8)]);
  await until("it goes on", async () => (await tab.title()) === "(8/16) Scan", 30);
  assert.equal(await tab.locator("[data-lost]").isHidden(), true);
  answers.set("/scans/1", [200, page("<p>The report</p>")]);
  await tab.getByText("The report").waitFor({ timeout: 20_000 });
  await until("the focus", () => tab.evaluate(() => document.activeElement?.tagName === "H1"));
  await tab.context().close();
});

test("who is signed out is led to sign in", async () => {
  answers.set("/scans/1", [200, live(3)]);
  answers.set("/login", [200, page("<p>Sign in, please</p>")]);
  const tab = await open("/scans/1");
  answers.set("/scans/1", [303, "", { location: "/login?next=%2Fscans%2F1" }]);
  await tab.waitForURL(/\/login\?next=/, { timeout: 10_000 });
  await tab.context().close();
});

test("modules are told as the stream tells them, in the words that it brings", async () => {
  answers.set("/scans/1", [200, live(0)]);
  answers.set("/scans/1/events", (_, answer) => {
    answer.writeHead(200, { "content-type": "text/event-stream" });
    const told = { module: "waf", state: "done", said: "2 findings, 0.4 s" };
    answer.write(`event: module\ndata: ${JSON.stringify(told)}\n\n`);
  });
  const tab = await open("/scans/1");
  await tab.getByText("2 findings, 0.4 s").waitFor();
  assert.equal(await tab.locator(".state").textContent(), "done");
  assert.equal(await tab.title(), "(1/16) Scan");
  const second = await tab.context().newPage();
  const before = asked.filter((path) => path === "/scans/1/events").length;
  await second.goto("/scans/1");
  await second.waitForTimeout(500);
  assert.equal(asked.filter((path) => path === "/scans/1/events").length, before, "one stream for all tabs");
  await tab.context().close();
});

test("a limit that is still there after a reload is not asked about for ever", async () => {
  answers.set("/busy", [200, page(`<span data-wait="1">1</span>`)]);
  asked.length = 0;
  const tab = await open("/busy");
  await until("the page is loaded anew", () => asked.filter((path) => path === "/busy").length === 2);
  await until("it counts down again", async () => (await tab.locator("[data-wait]").textContent()) === "0");
  await tab.waitForTimeout(1_500);
  assert.equal(asked.filter((path) => path === "/busy").length, 2);
  await tab.context().close();
});

test("a button that copies gets its name back, however often it is pressed", async () => {
  answers.set("/copy", [200, page(`<pre id="text">x</pre><button data-copy="text" data-copied="Copied" data-selected="Selected" hidden>Copy</button>`)]);
  const tab = await open("/copy");
  const button = tab.locator("button");
  await button.click();
  await until("it was copied", async () => ["Copied", "Selected"].includes(await button.textContent()));
  await button.click();
  await until("its name is back", async () => (await button.textContent()) === "Copy", 6);
  await tab.context().close();
});

test("no other form lifts the guard of what is shown once", async () => {
  answers.set("/key", [200, page(`<section data-guard>cl_x</section><form method="post" action="/logout"><button>Sign out</button></form>
    <form action="/stored"><button data-stored>Stored</button></form>`)]);
  answers.set("/stored", [200, page("kept")]);
  const tab = await open("/key");
  const questions = [];
  tab.on("dialog", (dialog) => { questions.push(dialog.type()); dialog.dismiss(); });
  await tab.getByRole("button", { name: "Sign out" }).click();
  await until("the question", () => questions.length === 1);
  assert.equal(new URL(tab.url()).pathname, "/key", "nobody left");
  await tab.getByRole("button", { name: "Stored" }).click();
  await tab.waitForURL(/\/stored/);
  assert.deepEqual(questions, ["beforeunload"]);
  await tab.context().close();
});
