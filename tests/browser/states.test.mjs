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

test("what was typed before the sign-in was lost comes back, passwords aside", async () => {
  const page = await person("amy");
  const token = (await service.call(null, "/v1/auth/login", { email: "amy@example.com", password: PASSWORD })).body.token;
  await page.goto("/settings/api-keys/new");
  await page.fill("#name", "Production Server");
  await page.getByRole("radio", { name: "in 30 days" }).check();
  await fetch(`${service.url}/v1/auth/sessions`, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });
  await page.click("button.primary");
  await page.waitForURL(/login\?next=/);
  await page.fill("#email", "amy@example.com");
  await page.fill("#password", PASSWORD);
  await page.click("button.primary");
  await page.getByText("What you had typed is back").waitFor();
  assert.equal(await page.inputValue("#name"), "Production Server");
  assert.ok(await page.getByRole("radio", { name: "in 30 days" }).isChecked());
  await page.click("button.primary");
  await page.getByText("Copy your key now").waitFor();
});

test("without script too many attempts leave the address and say how long to wait", async () => {
  const page = await open(browser, service, { javaScriptEnabled: false });
  await until("the countdown", async () => {
    await page.goto("/login");
    await page.fill("#email", "nobody@example.com");
    await page.fill("#password", "not it at all");
    await page.click("button.primary");
    return (await page.locator("[data-wait]").count()) > 0;
  });
  assert.equal(await page.inputValue("#email"), "nobody@example.com");
  await page.context().close();
});

test("a suspended account is told so, and by the API too", async () => {
  const page = await person("bob");
  service.admin("suspend", "--email", "bob@example.com", "--reason", "test");
  await page.goto("/scans");
  await page.getByRole("heading", { level: 1, name: "Account suspended" }).waitFor();
});

test("a spent quota is said in the form, which leads to the plan", async () => {
  const page = await person("cid", "free");
  const token = (await service.call(null, "/v1/auth/login", { email: "cid@example.com", password: PASSWORD })).body.token;
  // Five at once is what the plan allows; these end soon.
  await until("the quota is spent", async () => (await service.call(token, "/v1/scan", { domain: "absent.test" })).status === 403);
  await page.goto("/scans/new");
  await page.fill("#domain", "gone.test");
  await page.click("button.primary");
  await page.getByText("All 10 scans of this month are used.").waitFor();
  assert.equal(await page.inputValue("#domain"), "gone.test");
  await page.getByRole("main").getByRole("link", { name: "Usage & Plan" }).click();
  await page.getByText("10 of 10", { exact: true }).waitFor();
});

test("what the plan does not have has a page that names the plan that does", async () => {
  const page = await person("gil", "free");
  await page.goto("/scans/new");
  await page.fill("#domain", "shop.test");
  await page.click("button.primary");
  await page.locator(".gauge").first().waitFor();
  const path = new URL(page.url()).pathname;
  await page.goto(`${path}/report?format=pdf`);
  await page.getByRole("heading", { level: 1, name: "Not in your plan" }).waitFor();
  await page.getByText("“professional”").waitFor();
  const token = (await service.call(null, "/v1/auth/login", { email: "gil@example.com", password: PASSWORD })).body.token;
  const refused = await service.call(token, `/v1/compliance/reports/${path.split("/").pop()}/pdf`);
  assert.deepEqual([refused.status, refused.body.error], [403, "plan_upgrade_required"]);
});

test("a rate that is passed has a page that counts down and asks again", async () => {
  const page = await person("hal", "free");
  const token = (await service.call(null, "/v1/auth/login", { email: "hal@example.com", password: PASSWORD })).body.token;
  const limit = await until("the rate is passed", async () => {
    const many = await Promise.all(Array.from({ length: 20 }, () => service.call(token, "/v1/auth/me")));
    return many.find((one) => one.status === 429);
  });
  assert.equal(limit.body.error, "rate_limit_exceeded");
  await page.goto("/scans");
  await page.getByRole("heading", { level: 1, name: "One moment" }).waitFor();
  const left = async () => Number(await page.locator("[data-wait]").textContent());
  const first = await left();
  assert.ok(first >= 1 && first <= 65, `${first} seconds`);
  await until("the countdown", async () => (await page.locator("[data-wait]").count()) === 0 || (await left()) < first);
});

test("what was refused shows within five seconds, and its rule fires once", async () => {
  const page = await person("ivy");
  const token = (await service.call(null, "/v1/auth/login", { email: "ivy@example.com", password: PASSWORD })).body.token;
  const key = (await service.call(token, "/v1/auth/api-keys", { name: "Old pipeline" })).body;
  await service.call(key.api_key, "/v1/auth/me");
  await service.call(token, "/v1/auth/api-keys/revoke", { ids: [key.id] });
  assert.equal((await service.call(null, "/v1/auth/login", { email: "ivy@example.com", password: "not it at all" })).status, 401);
  for (let number = 0; number < 3; number += 1) assert.equal((await service.call(key.api_key, "/v1/auth/me")).status, 401);
  const shows = (path, ...texts) => until(`${texts} on ${path}`, async () => {
    await page.goto(path);
    const text = await page.textContent("main");
    return texts.every((one) => text.includes(one));
  }, 5);
  await shows("/settings/security", "Wrong password", "Revoked key");
  await shows(`/settings/api-keys/${key.id}`, "The key was refused", "GET /v1/auth/me");
  await shows("/alerts", "A key that is revoked was used");
  await service.call(key.api_key, "/v1/auth/me");
  await shows("/settings/security", "Failed sign-ins and refused keys", "Old pipeline");
  const alerts = (await service.call(token, "/v1/domains/alerts")).body.alerts;
  assert.equal(alerts.filter((alert) => alert.alert_type === "revoked_key_used").length, 1);
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

test("on a network's own name that the operator trusts, forms work and keys are copied", async () => {
  const trusting = await Service.start(target, { COMPLIANCELAYER_SERVER__INSECURE_COOKIES: "true" });
  try {
    trusting.user("eve@example.com");
    const { port } = new URL(trusting.url);
    const page = await open(browser, { url: `http://nas.example:${port}` });
    await signIn(page, "eve@example.com");
    await page.getByText("Your session travels unencrypted").waitFor();
    await page.goto("/settings/api-keys/new");
    await page.fill("#name", "NAS");
    await page.click("button.primary");
    const secret = (await page.locator("#key").textContent()).trim();
    assert.equal(await page.evaluate(() => navigator.clipboard), undefined, "no clipboard without encryption");
    await page.getByRole("button", { name: "Copy", exact: true }).first().click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    assert.equal((await trusting.call(secret, "/v1/auth/me")).status, 200);
    // What was copied is what a field takes.
    await page.getByRole("button", { name: "I have stored the key" }).click();
    await page.goto("/domains");
    await page.focus("#q");
    await page.keyboard.press("Control+V");
    assert.equal(await page.inputValue("#q"), secret);
    // The browser says of some headers that they do nothing here.
    assert.deepEqual(page.troubles.filter((trouble) => !trouble.includes("origin was untrustworthy")), []);
    await page.context().close();
  } finally {
    await trusting.stop();
  }
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
