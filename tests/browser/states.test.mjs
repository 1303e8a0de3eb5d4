// What stands in the way has a page of its own: sign-in lost, suspended, quota, restart, plain http,
// forms of other sites.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, open, signIn } from "./browser.mjs";
import { PASSWORD, Service, Target, until } from "./service.mjs";

let browser, target, service;
before(async () => {
  [browser, target] = await Promise.all([launch(), Target.start()]);
  service = await Service.start(target);
});
after(async () => {
  await browser.close();
  await service.stop();
  target.stop();
});

/** A page with somebody new signed in. */
async function person(name, plan) {
  service.user(`${name}@example.com`, plan);
  const page = await open(browser, service);
  await signIn(page, `${name}@example.com`);
  return page;
}

test("who signed out elsewhere signs in again and is back where they were", async () => {
  const page = await person("ann");
  const token = (await service.call(null, "/v1/auth/login", { email: "ann@example.com", password: PASSWORD })).body.token;
  await fetch(`${service.url}/v1/auth/sessions`, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });
  await page.goto("/scans?domain=shop.test");
  await page.waitForURL(/login\?next=/);
  await page.fill("#email", "ann@example.com");
  await page.fill("#password", PASSWORD);
  await page.click("button.primary");
  await page.waitForURL(/\/scans\?domain=shop\.test$/);
});

test("a suspended account is told so, and by the API too", async () => {
  const page = await person("bob");
  service.admin("suspend", "--email", "bob@example.com", "--reason", "test");
  await page.goto("/scans");
  await page.getByRole("heading", { level: 1, name: "Account suspended" }).waitFor();
});

test("a spent quota has a page that leads to the plan", async () => {
  const page = await person("cid", "free");
  const token = (await service.call(null, "/v1/auth/login", { email: "cid@example.com", password: PASSWORD })).body.token;
  // Five at once is what the plan allows; these end soon.
  await until("the quota is spent", async () => (await service.call(token, "/v1/scan", { domain: "absent.test" })).status === 403);
  await page.goto("/scans/new");
  await page.fill("#domain", "absent.test");
  await page.click("button.primary");
  await page.getByRole("heading", { level: 1, name: "Monthly scans used up" }).waitFor();
  await page.getByRole("main").getByRole("link", { name: "Usage & Plan" }).click();
  await page.getByText("10 of 10").waitFor();
});

test("a scan's page goes on after the server was started anew", async () => {
  const page = await person("dan");
  await page.goto("/scans/new");
  await page.fill("#domain", "shop.test");
  await page.click("button.primary");
  await page.waitForURL(/\/scans\/\d+$/);
  const listen = new URL(service.url).host;
  await service.halt();
  await service.begin(listen);
  await page.locator(".gauge").first().waitFor({ timeout: 40_000 });
});

test("plain http on a network's own name says why nobody stays signed in", async () => {
  service.user("eve@example.com");
  const page = await open(browser, service);
  page.troubles = [];
  const { port } = new URL(service.url);
  await page.goto(`http://nas.example:${port}/login`);
  await page.fill("#email", "eve@example.com");
  await page.fill("#password", PASSWORD);
  await page.click("button.primary");
  await page.getByText("server.public_url").first().waitFor();
});

test("a form of another site does nothing", async () => {
  const page = await person("fay");
  const site = createServer((_, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(`<form method="post" action="${service.url}/logout"><input name="form_token" value="x"><button>Win</button></form>`);
  }).listen(0, "127.0.0.1");
  await once(site, "listening");
  try {
    // Another site to the browser: another name.
    await page.goto(`http://nas.example:${site.address().port}/`);
    await page.click("button");
    // The browser keeps the cookie to itself, so nobody is signed out.
    await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  } finally {
    site.close();
  }
});
