// The way of the founding text: set up, scan, Settings → API Keys → Create API Key, use it, Revoke.
// By mouse, by keyboard alone, and without script.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "./browser.mjs";
import { PASSWORD, Service, Target, until } from "./service.mjs";

let browser, target;
before(async () => { [browser, target] = await Promise.all([launch(), Target.start()]); });
after(async () => { await browser.close(); target.stop(); });

/** How one presses a link or a button, and fills a field. */
const mouse = (page) => ({
  press: (role, name) => page.getByRole(role, { name, exact: true }).first().click(),
  fill: (label, text) => page.getByLabel(label, { exact: true }).fill(text),
});

const keyboard = (page) => {
  // Whatever has the focus is found by Tab alone, back first and then on, from wherever the focus is.
  const reach = async (element) => {
    const handle = await element.elementHandle();
    for (const [key, most] of [["Shift+Tab", 40], ["Tab", 120]]) {
      for (let pressed = 0; pressed < most; pressed += 1) {
        if (await handle.evaluate((node) => node === document.activeElement)) return;
        await page.keyboard.press(key);
      }
    }
    throw new Error(`Tab never reaches ${element}`);
  };
  return {
    press: async (role, name) => { await reach(page.getByRole(role, { name, exact: true }).first()); await page.keyboard.press("Enter"); },
    fill: async (label, text) => { await reach(page.getByLabel(label, { exact: true })); await page.keyboard.type(text); },
  };
};

async function journey(page, service, hands, hasScript) {
  await page.goto(service.setupLink);
  await hands.fill("E-mail address", "ann@example.com");
  await hands.fill("Password", PASSWORD);
  await hands.press("button", "Create administrator");
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  assert.equal((await fetch(service.setupLink)).status, 404, "the set-up link works once");

  if (!hasScript) await page.locator("summary", { hasText: "Menu" }).waitFor({ state: "attached" });
  await hands.press("link", "New scan");
  await hands.fill("Domain", "https://shop.test/basket");
  await hands.press("button", "Start scan");
  await page.locator(".gauge").first().waitFor({ timeout: 30_000 });
  assert.match(await page.locator("h1").textContent(), /shop\.test/);
  assert.ok((await page.locator(".finding").count()) > 5);

  await hands.press("link", "API Keys");
  await hands.press("link", "Create API Key");
  assert.ok(await page.getByLabel("in 90 days (recommended)").isChecked());
  await hands.fill("Name", "Production Server");
  await hands.press("button", "Create API Key");
  const secret = (await page.locator("#key").textContent()).trim();
  assert.match(secret, /^cl_[0-9A-Za-z]{12}_[0-9A-Za-z]{36}$/);
  if (hasScript) {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await hands.press("button", "Copy");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
    await page.locator("#spoken", { hasText: "Copied" }).waitFor({ state: "attached" });
  }
  assert.equal((await service.call(secret, "/v1/auth/me")).status, 200);
  await hands.press("button", "I have stored the key");
  await page.getByRole("link", { name: "Production Server", exact: true }).waitFor();

  await hands.press("link", "Revoke Production Server");
  await page.getByText("Last used:").waitFor();
  await hands.press("button", "Revoke key");
  await page.getByRole("link", { name: "Revoked and expired (1)" }).waitFor();
  assert.equal((await service.call(secret, "/v1/auth/me")).status, 401);
  return secret;
}

for (const [name, hands, options] of [
  ["by mouse", mouse, {}],
  ["by keyboard alone", keyboard, {}],
  ["without script", mouse, { javaScriptEnabled: false }],
]) {
  test(`the journey ${name}`, async () => {
    const service = await Service.start(target);
    try {
      const page = await open(browser, service, options);
      const secret = await journey(page, service, hands(page), options.javaScriptEnabled !== false);
      await until("all bodies", () => page.answers.every((answer) => answer.body || answer.status >= 300 || answer.status === 204), 5).catch(() => {});
      const shown = page.answers.filter((answer) => answer.body.includes(secret));
      assert.equal(shown.length, 1, "the key stands in exactly one answer");
      assert.equal(shown[0].headers["cache-control"], "no-store");
      assert.ok(page.answers.every((answer) => !answer.url.includes(secret)), "nor in an address");
      // Neither going back nor a reload shows it again.
      await page.goto("/settings/api-keys");
      await page.goBack();
      assert.ok(!(await page.content()).includes(secret));
      assert.ok(!service.log.includes(secret), "nor in the log");
      assert.deepEqual(page.troubles, []);
    } finally {
      await service.stop();
    }
  });
}
