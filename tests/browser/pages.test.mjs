// Every page and state: looks, manners and weight. Pictures go to PICTURES, for people.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, signIn } from "./browser.mjs";
import { look } from "./look.mjs";
import { Service, Target, until } from "./service.mjs";

const HOSTILE = `"><img src=x onerror=alert(1)><script>alert(1)</script>`;

let browser, target, service, strict, guest, fresh, root, scan, later, absent, keyId, livingId;

before(async () => {
  [browser, target] = await Promise.all([launch(), Target.start()]);
  service = await Service.start(target);
  service.user("ann@example.com");
  service.user("new@example.com", "free");
  const token = (await service.call(null, "/v1/auth/login", { email: "ann@example.com", password: "gurgling walnut ferry tax" })).body.token;
  const make = (name) => service.call(token, "/v1/auth/api-keys", { name });
  const living = (await make(HOSTILE)).body;
  const dead = (await make("Old pipeline")).body;
  [keyId, livingId] = [dead.id, living.id];
  scan = (await service.call(living.api_key, "/v1/scan", { domain: "shop.test" })).body.job_id;
  await until("the scan", async () => (await service.call(token, `/v1/scan/jobs/${scan}`)).body.status === "completed");
  later = (await service.call(living.api_key, "/v1/scan", { domain: "shop.test", modules: ["dns_email", "http_headers"] })).body.job_id;
  await until("the second scan", async () => (await service.call(token, `/v1/scan/jobs/${later}`)).body.status === "completed");
  absent = (await service.call(living.api_key, "/v1/scan", { domain: "absent.test" })).body.job_id;
  await until("the scan of nothing", async () => (await service.call(token, `/v1/scan/jobs/${absent}`)).body.status === "failed");
  await service.call(token, "/v1/auth/api-keys/revoke", { ids: [dead.id] });
  for (let number = 0; number < 3; number += 1) await service.call(dead.api_key, "/v1/auth/me");
  await until("an alert", async () => (await service.call(token, "/v1/domains/alerts")).body.alerts.length > 0);
  await until("the usage", async () => (await service.call(token, "/v1/usage/failed-auth")).body.attempts.length > 0);
  strict = await open(browser, service);
  await signIn(strict, "ann@example.com");
  guest = await open(browser, service);
  fresh = await open(browser, service);
  await signIn(fresh, "new@example.com");
  service.user("root@example.com", "professional", "admin");
  root = await open(browser, service);
  await signIn(root, "root@example.com");
});

after(async () => {
  await browser.close();
  await service.stop();
  target.stop();
});

const ann = () => strict;
const anybody = () => guest;
const newcomer = () => fresh;
const operator = () => root;

/** Name, who looks, path; and what is done on the page before it is looked at. */
const PAGES = [
  // First, while it is not long ago that the operator signed in: they ask for that.
  ["admin", operator, () => "/admin"],
  ["admin-users", operator, () => "/admin/users"],
  ["admin-users-none-match", operator, () => "/admin/users?email=nobody"],
  ["admin-user", operator, () => "/admin/users/1"],
  ["admin-user-wrong", operator, () => "/admin/users/1", async (page) => {
    await page.fill("#seats", "many");
    await page.locator("form:has(#seats) button.primary").click();
    await page.locator(".error").first().waitFor();
  }],
  ["admin-plans", operator, () => "/admin/plans"],
  ["admin-plan", operator, () => "/admin/plans/custom"],
  ["set-up", anybody, () => new URL(service.setupLink).pathname + new URL(service.setupLink).search],
  ["sign-in", anybody, () => "/login"],
  ["sign-in-wrong", anybody, () => "/login", async (page) => {
    await page.fill("#email", `${Math.random()}@example.com`);
    await page.fill("#password", "not the password at all");
    await page.click("button.primary");
    await page.locator(".error, .notice.problem").first().waitFor();
  }],
  ["sign-up", anybody, () => "/register"],
  ["sign-up-wrong", anybody, () => "/register", async (page) => {
    await page.fill("#email", "ann@example.com");
    await page.fill("#password", "password password password");
    await page.check("#agrees");
    await page.click("button.primary");
    await page.locator("#problems h2").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "problems", "the focus is on what is wrong");
    await page.locator("#problems a").first().click();
    assert.equal(await page.evaluate(() => document.activeElement.id), "password", "and leads to the field");
    assert.ok(await page.isChecked("#agrees"), "the tick is kept");
  }],
  ["free-scan", anybody, () => "/free-scan"],
  ["free-scan-done", anybody, () => "/free-scan", async (page) => {
    await page.fill("#domain", "shop.test");
    await page.click("button.primary");
    await page.locator(".gauge").waitFor();
  }],
  ["forgot", anybody, () => "/password/forgot"],
  ["reset", anybody, () => "/password/reset?token=abc"],
  ["verify", anybody, () => "/email/verify?token=abc"],
  ["overview-empty", newcomer, () => "/overview"],
  ["scans-empty", newcomer, () => "/scans"],
  ["alerts-empty", newcomer, () => "/alerts?show=all"],
  ["keys-empty", newcomer, () => "/settings/api-keys"],
  ["domains-empty", newcomer, () => "/domains"],
  ["compare-empty", newcomer, () => "/compare"],
  ["compliance-empty", newcomer, () => "/compliance"],
  ["usage-empty", newcomer, () => "/settings/usage"],
  ["overview", ann, () => "/overview"],
  ["scans", ann, () => "/scans"],
  ["scans-none-match", ann, () => "/scans?domain=nowhere.example"],
  ["scan-new", ann, () => "/scans/new"],
  ["scan-new-wrong", ann, () => "/scans/new", async (page) => {
    await page.fill("#domain", "192.0.2.1");
    await page.click("button.primary");
    await page.locator(".error").first().waitFor();
  }],
  ["scan-new-unproven", ann, () => "/scans/new", async (page) => {
    await page.fill("#domain", "shop.test");
    await page.getByRole("radio", { name: "Intrusive" }).check();
    await page.click("button.primary");
    await page.getByText("Nothing shows yet that shop.test is yours:").waitFor();
    assert.match(await page.locator("#paste-ownership-1").textContent(), /^_compliancelayer\.shop\.test\. 3600 IN TXT "compliancelayer-verification=[0-9a-f]{40}"$/);
    assert.ok(await page.getByRole("radio", { name: "Intrusive" }).isChecked(), "the choice is kept");
  }],
  ["report", ann, () => `/scans/${scan}`, async (page) => {
    await page.evaluate(() => [...document.querySelectorAll("details.finding")].slice(0, 3).forEach((one) => { one.open = true; }));
  }],
  ["report-filtered", ann, () => `/scans/${scan}?severity=medium&module=http_headers&q=header`],
  ["report-framework", ann, () => `/scans/${scan}?framework=pci_dss&severity=high`, async (page) => {
    await page.evaluate(() => [...document.querySelectorAll("details.finding")].slice(0, 3).forEach((one) => { one.open = true; }));
  }],
  ["report-of-a-part", ann, () => `/scans/${later}`],
  ["evidence", ann, () => `/scans/${scan}/evidence#dnssec`, async (page) => {
    assert.ok(await page.locator("#dnssec").isVisible(), "a link into it opens it");
  }],
  ["scan-failed", ann, () => `/scans/${absent}`],
  ["scan-again", ann, () => "/scans/new?domain=shop.test&modules=waf&modules=dnssec"],
  ["scans-filtered", ann, () => "/scans?domain=shop&status=completed&grade=C&source=api&from=2020-01-01"],
  ["scans-sorted", ann, () => "/scans?sort=-score"],
  ["alerts-filtered", ann, () => "/alerts?show=all&severity=info&type=idle_key&domain=shop&sort=-severity"],
  ["overview-range", ann, () => "/overview?days=90&domain=shop.test"],
  ["diff", ann, () => `/scans/${later}/diff?against=${scan}`, async (page) => {
    await page.evaluate(() => [...document.querySelectorAll("details.finding")].slice(0, 2).forEach((one) => { one.open = true; }));
  }],
  ["domains", ann, () => "/domains?sort=-score"],
  ["domains-none-match", ann, () => "/domains?q=nowhere"],
  ["domain", ann, () => "/domains/shop.test"],
  ["domain-unproven", ann, () => "/domains/shop.test", async (page) => {
    await page.getByRole("button", { name: "Check now" }).click();
    await page.getByText("Not proven").waitFor();
  }],
  ["compare", ann, () => "/compare?domain=shop.test&domain=never.example&domain=a-rather-long-name.of-somebody.example"],
  ["compare-wrong", ann, () => "/compare?domain=shop.test"],
  ["compare-sorted", ann, () => "/compare?domain=shop.test&domain=never.example&sort=dns_email"],
  ["compliance", ann, () => "/compliance?framework=pci_dss"],
  ["alerts", ann, () => "/alerts"],
  ["keys", ann, () => "/settings/api-keys"],
  ["keys-revoked", ann, () => "/settings/api-keys?show=revoked"],
  ["key-new", ann, () => "/settings/api-keys/new"],
  ["key-new-wrong", ann, () => "/settings/api-keys/new", async (page) => {
    await page.fill("#name", " ");
    await page.click("button.primary");
    await page.locator(".error").first().waitFor();
  }],
  ["key", ann, () => `/settings/api-keys/${livingId}`],
  ["key-revoked", ann, () => `/settings/api-keys/${keyId}`],
  ["key-rotate", ann, () => `/settings/api-keys/${livingId}/rotate`],
  ["key-revoke", ann, () => `/settings/api-keys/${livingId}/revoke`],
  ["security", ann, () => "/settings/security"],
  ["usage", ann, () => "/settings/usage"],
  ["usage-day", ann, () => "/settings/usage?days=1"],
  ["audit-log", ann, () => "/settings/audit-log"],
  ["docs", anybody, () => "/docs"],
  ["docs-search", ann, () => "/docs?q=rotate"],
  ["not-found", ann, () => "/no-such-page"],
];

for (const [name, who, path, act] of PAGES) {
  test(`the page ${name}`, () => look(name, who(), path(), act));
}

test("a first visit weighs less than 40 KB and the script less than 12", async () => {
  const page = await open(browser, service);
  await page.goto("/login");
  await until("the bodies", () => page.answers.length >= 4 && page.answers.every((answer) => answer.body));
  const bytes = (answers) => answers.reduce((sum, answer) => sum + Buffer.byteLength(answer.body), 0);
  assert.ok(bytes(page.answers) < 40_000, `${bytes(page.answers)} bytes`);
  const scripts = page.answers.filter((answer) => /\.js$/.test(new URL(answer.url).pathname));
  assert.ok(scripts.length === 1 && bytes(scripts) < 12_000, `${bytes(scripts)} bytes of script`);
});

test("what people type is only ever text", async () => {
  for (const path of ["/settings/api-keys", `/settings/api-keys/${livingId}`, "/settings/usage", "/overview", "/settings/audit-log"]) {
    await strict.goto(path);
    assert.equal(await strict.locator("img[src=x]").count(), 0, path);
  }
  await strict.goto(`/settings/api-keys/${livingId}`);
  assert.equal(await strict.locator("h1").textContent(), HOSTILE);
});

test("a fix is chosen for one product with the keys, for every finding at once", async () => {
  await strict.setViewportSize({ width: 1280, height: 800 });
  await strict.goto(`/scans/${scan}`);
  const finding = strict.locator("details.finding:has(.tools)").first();
  await finding.locator("summary").first().press("Enter");
  await finding.locator("input[data-tool=nginx]").focus();
  await strict.keyboard.press("ArrowRight");
  const chosen = await finding.locator("input:checked").getAttribute("data-tool");
  assert.notEqual(chosen, "nginx");
  assert.equal(await finding.locator(".panel:visible").count(), 1);
  await strict.reload();
  const all = strict.locator(`details.finding:has(input[data-tool="${chosen}"]) input:checked`);
  for (const one of await all.all()) assert.equal(await one.getAttribute("data-tool"), chosen);
  await strict.evaluate(() => localStorage.clear());
});

test("a link to a finding opens it", async () => {
  await strict.goto(`/scans/${scan}#dmarc.monitor-only`);
  assert.equal(await strict.locator("[id='dmarc.monitor-only']").getAttribute("open"), "");
});
