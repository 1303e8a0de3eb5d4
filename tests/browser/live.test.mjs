// A scan that takes its time: its page goes on module by module, behind nginx as it comes, in seven tabs,
// in a tab that nobody sees, and when the session ends meanwhile.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, open, signIn } from "./browser.mjs";
import { PASSWORD, Service, Target, until } from "./service.mjs";

/** When a scan ends at the latest. */
const SECONDS = 32;
const TABS = 7;

let browser, target, service, tarpit, proxy;

/** Listens, takes connections, and never says a word. */
async function hold() {
  const server = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function freePort() {
  const server = await hold();
  const { port } = server.address();
  server.close();
  return port;
}

/** nginx with nothing set but where to go. */
class Proxy {
  static async start(url) {
    const proxy = new Proxy();
    proxy.folder = mkdtempSync(join(tmpdir(), "compliancelayer-nginx-"));
    const port = await freePort();
    const kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${proxy.folder}/${name};`);
    writeFileSync(join(proxy.folder, "nginx.conf"), `
      daemon off; master_process off; pid ${proxy.folder}/pid; error_log stderr warn;
      events {}
      http { access_log off; ${kept.join(" ")} server { listen 127.0.0.1:${port}; location / { proxy_pass ${url}; } } }`);
    proxy.url = `http://127.0.0.1:${port}`;
    proxy.process = spawn(process.env.NGINX ?? "/usr/sbin/nginx", ["-p", proxy.folder, "-c", join(proxy.folder, "nginx.conf")], { stdio: ["ignore", "ignore", "inherit"] });
    await until("nginx", () => fetch(`${proxy.url}/healthz`).then((answer) => answer.ok, () => false));
    return proxy;
  }

  async stop() {
    const ended = once(this.process, "exit");
    this.process.kill();
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

before(async () => {
  [browser, target, tarpit] = await Promise.all([launch(), Target.start(), hold()]);
  const ports = target.environment.COMPLIANCELAYER_SCAN__PORT_OVERRIDES.replace(/\b(25|80|443)=[^,]*/g, `$1=127.0.0.1:${tarpit.address().port}`);
  service = await Service.start(target, {
    COMPLIANCELAYER_SCAN__PORT_OVERRIDES: ports,
    COMPLIANCELAYER_SCAN__DEADLINE_SECONDS: String(SECONDS),
  });
  proxy = await Proxy.start(service.url);
});

after(async () => {
  await browser.close();
  await proxy.stop();
  await service.stop();
  target.stop();
  tarpit.close();
});

/** Signs somebody new in and starts a scan that lasts. */
async function scanning(name, server = service) {
  service.user(`${name}@example.com`);
  const page = await open(browser, server);
  page.streams = [];
  page.on("request", (request) => { if (request.url().endsWith("/events")) page.streams.push(request); });
  await signIn(page, `${name}@example.com`);
  await page.goto("/scans/new");
  await page.fill("#domain", "shop.test");
  await page.click("button.primary");
  await page.waitForURL(/\/scans\/\d+$/);
  return page;
}

const steps = (page, state) => page.locator(".steps li", { has: page.locator(".state", { hasText: state }) });

test("modules appear as they finish behind nginx, and one stream lasts through the silence", async () => {
  const began = Date.now();
  const page = await scanning("ann", proxy);
  await steps(page, "done").first().waitFor({ timeout: 5_000 });
  assert.ok((await steps(page, "running").count()) > 0, "while others run");
  assert.match(await steps(page, "done").first().locator(".said").textContent(), /\d+\.\d s$/, "what came of it and how long it took");
  await until("the title counts", async () => /^\(\d+\/16\) /.test(await page.title()));
  await page.locator(".gauge").first().waitFor({ timeout: (SECONDS + 10) * 1000 });
  assert.ok(Date.now() - began > 16_000, "longer than the service is ever silent");
  assert.equal(page.streams.length, 1, "the stream was never opened anew");
  assert.deepEqual(page.troubles, []);
});

test("seven tabs of one scan all load and all go on", async () => {
  const first = await scanning("bob");
  const tabs = [first];
  while (tabs.length < TABS) {
    const tab = await first.context().newPage();
    tab.streams = [];
    tab.on("request", (request) => { if (request.url().endsWith("/events")) tab.streams.push(request); });
    await tab.goto(first.url(), { timeout: 5_000 });
    tabs.push(tab);
  }
  for (const tab of tabs) await steps(tab, "done").first().waitFor({ timeout: 10_000 });
  assert.equal(tabs.flatMap((tab) => tab.streams).length, 1, "one of them has the stream");
  await first.goto("/scans");
  await until("another takes it over", () => tabs.slice(1).some((tab) => tab.streams.length === 1));
  await first.context().close();
});

test("a tab that nobody sees has no stream", async () => {
  const page = await scanning("cid");
  await until("the stream", () => page.streams.length === 1);
  const seen = (hidden) => page.evaluate((value) => {
    Object.defineProperty(document, "hidden", { value, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await seen(true);
  await until("the stream ends", () => page.streams[0].failure() !== null);
  await seen(false);
  await until("there is one again", () => page.streams.length === 2);
  await page.context().close();
});

test("who is signed out meanwhile signs in and sees the scan again", async () => {
  const page = await scanning("dan");
  const path = new URL(page.url()).pathname;
  const token = (await service.call(null, "/v1/auth/login", { email: "dan@example.com", password: PASSWORD })).body.token;
  await fetch(`${service.url}/v1/auth/sessions`, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });
  // The stream that runs is let go; the next question is refused.
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.waitForURL(/login\?next=/, { timeout: 30_000 });
  await page.fill("#email", "dan@example.com");
  await page.fill("#password", PASSWORD);
  await page.click("button.primary");
  await page.waitForURL((url) => url.pathname === path);
});
