// Reports for others: a link made without script, what it shows, and whether a file is what was issued.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, open, signIn } from "./browser.mjs";
import { look } from "./look.mjs";
import { PASSWORD, Service, Target, until } from "./service.mjs";

let browser, target, site, proof, service, strict, guest, plain, token, scan, link, locked;

/** Port 80 of shop.test, where a file proves whose it is. */
const own = createServer((request, answer) => {
  const found = proof && request.url === "/.well-known/compliancelayer-verification.txt";
  answer.writeHead(found ? 200 : 404, { "content-type": "text/plain" }).end(found ? proof : "");
});

before(async () => {
  [browser, target, site] = await Promise.all([launch(), Target.start(), new Promise((done) => { own.listen(0, "127.0.0.1", () => done(own)); })]);
  const ports = target.environment.COMPLIANCELAYER_SCAN__PORT_OVERRIDES.replace(/\b80=[^,]*/, `80=127.0.0.1:${site.address().port}`);
  service = await Service.start(target, { COMPLIANCELAYER_SCAN__PORT_OVERRIDES: ports });
  service.user("ann@example.com");
  token = (await service.call(null, "/v1/auth/login", { email: "ann@example.com", password: PASSWORD })).body.token;
  scan = (await service.call(token, "/v1/scan", { domain: "shop.test" })).body.job_id;
  await until("the scan", async () => (await service.call(token, `/v1/scan/jobs/${scan}`)).body.status === "completed");
  const share = async (wish) => new URL((await service.call(token, `/v1/scan/jobs/${scan}/share`, wish)).body.url).pathname;
  link = await share({ name: `"><script>alert(1)</script>`, hide: ["addresses"] });
  locked = await share({ name: "locked", password: "eight letters" });
  strict = await open(browser, service);
  await signIn(strict, "ann@example.com");
  guest = await open(browser, service);
  plain = await open(browser, service, { javaScriptEnabled: false });
  await signIn(plain, "ann@example.com");
});

after(async () => {
  await browser.close();
  await service.stop();
  site.close();
  target.stop();
});

const fetched = async (path) =>
  Buffer.from(await (await fetch(service.url + path, { headers: { authorization: `Bearer ${token}` } })).arrayBuffer());

const upload = (name, buffer) => async (page) => {
  await page.setInputFiles("#file", { name, mimeType: "application/octet-stream", buffer });
  await page.locator("form:has(#file) button").click();
  await page.locator("#verdict").waitFor();
};

test("the page of links", () => look("shares", strict, `/scans/${scan}/share`));
test("the page of links with a mistake", () => look("shares-wrong", strict, `/scans/${scan}/share`, async (page) => {
  await page.fill("#name", " ");
  await page.locator("form:has(#name) button.primary").click();
  await page.locator(".error").first().waitFor();
}));
test("a shared report", () => look("shared", guest, link));
test("the question for a password", () => look("share-locked", guest, locked));
test("the page that verifies", () => look("verify", guest, "/verify"));
test("an id that was never issued", () => look("verify-unknown", guest, "/verify?id=7Q4M-29XK"));
test("a badge for a domain that nobody proved to own leads to the proof", async () => {
  await look("badge-unproven", strict, "/domains/shop.test", async (page) => {
    await page.locator("form[action$='/badge'] button").click();
    await page.getByText("Nothing shows yet that shop.test is yours.").waitFor();
  });
  await strict.goto("/domains/shop.test");
  await strict.locator("form[action$='/badge'] button").click();
  await strict.getByRole("link", { name: "Show how to prove it" }).click();
  await strict.waitForURL(/\/domains\/shop\.test#ownership$/);
});

test("a badge is switched on by whoever proves to own the domain, and off again", async () => {
  proof = (await service.call(token, "/v1/ownership/shop.test")).body.file.content;
  await look("badge", strict, "/domains/shop.test", async (page) => {
    await page.locator("form[action$='/badge'] button").click();
    await page.locator("#badge-markdown").waitFor();
  });
  const badge = () => fetch(`${service.url}/v1/badge/shop.test.svg`);
  assert.match(await (await badge()).text(), /^<svg/);
  await strict.goto("/domains/shop.test");
  await strict.getByRole("button", { name: "Switch the badge off" }).click();
  await strict.getByRole("button", { name: "Switch the badge on" }).waitFor();
  assert.doesNotMatch(await (await badge()).text(), />[A-F]</);
});

test("an issued file is recognised, and one that was tampered with is not", async () => {
  const json = await fetched(`/v1/scan/jobs/${scan}/report`);
  const pdf = await fetched(`/v1/compliance/reports/${scan}/pdf`);
  const better = Buffer.from(json.toString().replace(/"score":\d+/, '"score":100'));
  const page = guest;
  for (const [name, file, said] of [
    ["report.json", json, "Issued here, unchanged"], ["report.pdf", pdf, "Issued here, unchanged"],
    ["better.json", better, "Changed, or not from here"], ["short.pdf", pdf.subarray(1), "Changed, or not from here"],
    ["other.pdf", Buffer.from("%PDF-1.7"), "Nothing to compare"],
  ]) {
    await page.goto("/verify");
    await upload(name, file)(page);
    assert.equal(await page.textContent("#verdict"), said, name);
  }
  await look("verify-unchanged", guest, "/verify", upload("report.pdf", pdf));
  await look("verify-changed", guest, "/verify", upload("better.json", better));
});

test("a link is made, opened and ended without script", async () => {
  await plain.goto(`/scans/${scan}`);
  await plain.click(`a[href="/scans/${scan}/share"]`);
  await plain.fill("#name", "For the broker");
  await plain.check("input[name=evidence]");
  await plain.locator("form:has(#name) button.primary").click();
  const made = new URL(await plain.textContent("#link")).pathname;
  const reader = guest;
  await reader.goto(made);
  assert.equal(await reader.textContent("h1"), "shop.test");
  assert.equal(await reader.locator("nav").count(), 0);
  assert.equal(await reader.locator("details.finding pre").count(), 0, "the evidence is left out");
  await plain.locator("tr:has-text('For the broker') button").click();
  await plain.waitForURL(/done=share-ended/);
  await reader.goto(made);
  assert.equal(await reader.textContent("h1"), "Nothing here");
});

test("the right password opens a link", async () => {
  const reader = guest;
  await reader.goto(locked);
  await reader.fill("#password", "eight letters");
  await reader.click("button.primary");
  await reader.locator("details.finding").first().waitFor();
  assert.equal(await reader.textContent("h1"), "shop.test");
});
