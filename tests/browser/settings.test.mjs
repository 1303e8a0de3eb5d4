// The settings: how each page looks in each state, and the ways through them.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, open, signIn } from "./browser.mjs";
import { look } from "./look.mjs";
import { PASSWORD, Service, Target, until } from "./service.mjs";

const HOSTILE = `"><img src=x onerror=alert(1)>`;
let browser, target, service, token, ann, eve, bobId, eveId, deadId, rotatingId;

/** A page with somebody signed in. */
async function person(email) {
  const page = await open(browser, service);
  await signIn(page, email);
  return page;
}

const login = async (email) => (await service.call(null, "/v1/auth/login", { email, password: PASSWORD })).body.token;

/** Lets somebody join ann's team by the link in the letter. */
async function join_team(email, role, name) {
  const invited = await service.call(token, "/v1/team/invitations", { email, role });
  assert.equal(invited.status, 201, JSON.stringify(invited.body));
  const folder = join(service.folder, "data", "mail");
  const link = await until("the letter", () => {
    if (!existsSync(folder)) return false;
    const letters = readdirSync(folder).filter((file) => file.endsWith(".eml")).map((file) => readFileSync(join(folder, file), "utf8"));
    return letters.find((letter) => letter.includes(`To: ${email}\r\n`) && letter.includes("token="))?.match(/token=(\w+)/)[1];
  });
  const joined = await service.call(null, "/v1/team/invitations/accept", { token: link, password: PASSWORD, name });
  assert.equal(joined.status, 201, JSON.stringify(joined.body));
  return joined.body.id;
}

/** What an authenticator shows (RFC 6238). */
function totp(secret, steps = 0) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac("sha1", key).update(counter).digest();
  return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

before(async () => {
  [browser, target] = await Promise.all([launch(), Target.start()]);
  service = await Service.start(target);
  service.user("ann@example.com");
  service.user("zoe@example.com");
  token = await login("ann@example.com");
  bobId = await join_team("bob@example.com", "member", HOSTILE);
  eveId = await join_team("eve@example.com", "viewer");
  const bob = await login("bob@example.com");
  await service.call(bob, "/v1/auth/api-keys", { name: HOSTILE });
  await service.call(token, "/v1/team/invitations", { email: "cid-with-a-very-long-name-indeed@a-long-label-here.example.com", role: "admin" });
  const dead = (await service.call(token, "/v1/auth/api-keys", { name: "Old pipeline" })).body;
  await service.call(token, "/v1/auth/api-keys/revoke", { ids: [dead.id] });
  await service.call(dead.api_key, "/v1/auth/me");
  deadId = dead.id;
  const rotating = (await service.call(token, "/v1/auth/api-keys", { name: "A pipeline with quite a long name" })).body;
  rotatingId = rotating.id;
  await service.call(token, `/v1/auth/api-keys/${rotatingId}/rotate`, {});
  for (let number = 0; number < 3; number += 1) await service.call(rotating.api_key, "/v1/scan/recent");
  await service.call(null, "/v1/auth/login", { email: "bob@example.com", password: "not it" });
  await until("what was refused", async () => (await service.call(token, "/v1/usage/failed-auth")).body.attempts.length > 1);
  [ann, eve] = [await person("ann@example.com"), await person("eve@example.com")];
});

after(async () => {
  await browser.close();
  await service.stop();
  target.stop();
});

const send = async (page) => { await page.click("main button.primary, main button.solid"); };
const refused = async (page) => { await send(page); await page.locator(".error").first().waitFor(); };

/** Name, who looks, path; and what is done on the page before it is looked at. */
const PAGES = [
  ["security", () => ann, () => "/settings/security"],
  ["security-told", () => eve, () => "/settings/security?done=password-changed"],
  ["password", () => ann, () => "/settings/security/password"],
  ["password-wrong", () => eve, () => "/settings/security/password", async (page) => {
    await page.fill("#current", PASSWORD);
    await page.fill("#password", "aaaaaaaaaaaaaaaaaaaa");
    await refused(page);
  }],
  ["authenticator", () => ann, () => "/settings/security/authenticator/new"],
  ["authenticator-wrong", () => ann, () => "/settings/security/authenticator/new", async (page) => {
    await page.fill("#code", "12345");
    await refused(page);
  }],
  ["authenticator-remove", () => ann, () => "/settings/security/authenticator/remove"],
  ["recovery-codes-ask", () => ann, () => "/settings/security/recovery-codes"],
  ["profile", () => ann, () => "/settings/profile"],
  ["profile-viewer", () => eve, () => "/settings/profile"],
  ["key-policy", () => ann, () => "/settings/api-keys/policy"],
  ["key-policy-viewer", () => eve, () => "/settings/api-keys/policy"],
  ["key-policy-wrong", () => ann, () => "/settings/api-keys/policy", async (page) => {
    await page.fill("#max_lifetime_days", "a year");
    await refused(page);
  }],
  ["keys-sorted", () => ann, () => "/settings/api-keys?sort=-used&q=pipeline"],
  ["keys-none-match", () => ann, () => "/settings/api-keys?q=nowhere"],
  ["keys-viewer", () => eve, () => "/settings/api-keys"],
  ["key-rotating", () => ann, () => `/settings/api-keys/${rotatingId}?days=1`],
  ["key-revoke-used", () => ann, () => `/settings/api-keys/${rotatingId}/revoke`],
  ["key-requests", () => ann, () => `/settings/api-keys/${rotatingId}/requests`],
  ["key-requests-none", () => ann, () => `/settings/api-keys/${deadId}/requests?from=0&to=1`],
  ["key-new-day-wrong", () => ann, () => "/settings/api-keys/new", async (page) => {
    await page.fill("#name", "Until a day");
    await page.getByLabel("after a day:").check();
    await refused(page);
    assert.equal(await page.evaluate(() => document.activeElement.id), "problems", "the focus is on what is wrong");
    await page.locator("#problems a").first().click();
    assert.equal(await page.evaluate(() => document.activeElement.name), "last_day", "and leads to the field");
  }],
  ["usage-team", () => ann, () => "/settings/usage"],
  ["audit-log-open", () => ann, () => "/settings/audit-log", async (page) => {
    await page.evaluate(() => [...document.querySelectorAll("td details, th details")].slice(0, 4).forEach((one) => { one.open = true; }));
  }],
  ["audit-log-verified", () => ann, () => "/settings/audit-log", async (page) => {
    await page.getByRole("button", { name: "Verify chain" }).click();
    await page.getByText("The log is whole:").waitFor();
  }],
  ["audit-log-none-match", () => ann, () => "/settings/audit-log?ip=192.0.2.9&from=2020-01-01"],
  ["account-delete", () => ann, () => "/settings/profile/delete"],
  ["account-delete-wrong", () => ann, () => "/settings/profile/delete", async (page) => {
    await page.fill("#email", "somebody@example.com");
    await page.fill("#password", "not it");
    await refused(page);
  }],
  ["alert-settings", () => ann, () => "/settings/alerts"],
  ["alert-settings-viewer", () => eve, () => "/settings/alerts"],
  ["alert-settings-wrong", () => ann, () => "/settings/alerts", async (page) => {
    await page.fill("#request_spike-factor", "1");
    await page.fill("#quota-percent", "75, half");
    await page.uncheck("[name='limit_reached.dashboard']");
    await page.uncheck("[name='limit_reached.email']");
    await refused(page);
  }],
  ["team", () => ann, () => "/settings/team?done=invitation-sent"],
  ["team-viewer", () => eve, () => "/settings/team"],
  ["team-invite", () => ann, () => "/settings/team/invite"],
  ["team-invite-wrong", () => ann, () => "/settings/team/invite", async (page) => {
    await page.fill("#email", "bob@example.com");
    await refused(page);
  }],
  ["team-member", () => ann, () => `/settings/team/members/${bobId}`],
  ["team-remove", () => ann, () => `/settings/team/members/${bobId}/remove`],
  ["team-leave", () => eve, () => `/settings/team/members/${eveId}/remove`],
];

for (const [name, who, path, act] of PAGES) {
  test(`the page ${name}`, () => look(name, who(), path(), act));
}

test("every control is reached by Tab alone", async () => {
  const page = ann;
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const path of ["/settings/security", "/settings/profile", "/settings/alerts", "/settings/team", "/settings/team/invite", `/settings/team/members/${bobId}/remove`, "/settings/security/authenticator/new", "/settings/api-keys", "/settings/audit-log"]) {
    await page.goto(path);
    const count = await page.evaluate(() => {
      document.activeElement.blur();
      const controls = [...document.querySelectorAll("main :is(a, button, input, select, summary, pre[tabindex])")];
      const reached = (one) => one.checkVisibility() && !one.disabled && one.type !== "hidden" && !(one.type === "radio" && !one.checked);
      self.missing = new Set(controls.filter(reached));
      document.addEventListener("focusin", (event) => self.missing.delete(event.target));
      return self.missing.size;
    });
    assert.ok(count > 2, path);
    for (let pressed = 0; pressed < count + 40; pressed += 1) await page.keyboard.press("Tab");
    assert.deepEqual(await page.evaluate(() => [...self.missing].map((one) => one.outerHTML)), [], path);
  }
});

test("everything is downloaded as a file", async () => {
  const page = await open(browser, service);
  await signIn(page, "ann@example.com");
  await page.goto("/settings/profile");
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download everything" }).click();
  const file = await downloading;
  assert.equal(file.suggestedFilename(), "compliancelayer-account.json");
  assert.equal(JSON.parse(readFileSync(await file.path(), "utf8")).members.length, 3);
  assert.deepEqual(page.troubles, []);
  await page.context().close();
});

test("buttons of tables are not broken in the middle of a word", async () => {
  const page = ann;
  for (const path of ["/settings/security", "/settings/team", "/settings/api-keys"]) {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(path);
    const broken = await page.evaluate(() => [...document.querySelectorAll("td button, td .button")]
      .filter((button) => button.getBoundingClientRect().height > 40).map((button) => button.textContent));
    assert.deepEqual(broken, [], path);
  }
});

test("tables are downloaded", async () => {
  const page = await open(browser, service);
  await signIn(page, "ann@example.com");
  for (const [path, name, file] of [
    ["/settings/api-keys", "CSV", "api-keys.csv"],
    [`/settings/api-keys/${rotatingId}`, "CSV", "api-key-usage.csv"],
    ["/settings/usage", "CSV", "usage.csv"],
  ]) {
    await page.goto(path);
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name, exact: true }).click();
    assert.equal((await downloading).suggestedFilename(), file);
  }
  assert.deepEqual(page.troubles, []);
  await page.context().close();
});

test("what people are called is only ever text", async () => {
  const page = ann;
  for (const path of ["/settings/team", `/settings/team/members/${bobId}`, `/settings/team/members/${bobId}/remove`]) {
    await page.goto(path);
    assert.equal(await page.locator("img[src=x]").count(), 0, path);
    assert.match(await page.textContent("main"), /onerror=alert/, path);
  }
});

test("every page of the settings is reached by the menu", async () => {
  const page = ann;
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const name of ["Profile", "API Keys", "Alert Preferences", "Security", "Usage & Plan", "Audit log", "Team"]) {
    await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
    await page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
    assert.equal(await page.locator("nav [aria-current=page]").textContent(), name);
  }
});

test("unread alerts are counted in the menu until they are read", async () => {
  const page = ann;
  const link = page.getByRole("navigation").getByRole("link", { name: /Alerts \d+ unread/ });
  await until("the alert", async () => { await page.goto("/overview"); return (await link.count()) === 1; });
  await page.goto("/alerts");
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await page.getByRole("navigation").getByRole("link", { name: "Alerts", exact: true }).waitFor();
});

for (const [way, options] of [["with script", {}], ["without script", { javaScriptEnabled: false }]]) {
  test(`an authenticator is set up and used ${way}`, async () => {
    const email = `tom-${way.replace(" ", "-")}@example.com`;
    service.user(email);
    const page = await open(browser, service, options);
    await signIn(page, email);
    await page.goto("/settings/security");
    await page.getByRole("link", { name: "Set up an authenticator" }).click();
    const secret = await page.textContent("#secret");
    assert.match(secret, /^[A-Z2-7]{32}$/);
    assert.ok((await page.locator("svg.qr").boundingBox()).width > 150);
    await page.fill("#code", totp(secret));
    await page.getByRole("button", { name: "Switch on" }).click();
    await page.getByRole("heading", { name: "Keep these codes now" }).waitFor();
    const shown = (await page.textContent("#codes")).trim();
    const codes = shown.split("\n");
    assert.equal(codes.length, 10);
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    const file = await downloading;
    assert.equal(file.suggestedFilename(), "compliancelayer-recovery-codes.txt");
    assert.equal(readFileSync(await file.path(), "utf8").trim(), shown);
    if (way === "with script") {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByRole("button", { name: "Copy" }).click();
      await page.locator("#spoken", { hasText: "Copied" }).waitFor({ state: "attached" });
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), shown);
    }
    await page.getByRole("button", { name: "I have stored the codes" }).click();
    await page.getByText("10 recovery codes left.").waitFor();
    // Neither going back nor a reload shows them again.
    await page.goBack().catch(() => {});
    await page.waitForLoadState().catch(() => {});
    const seen = await until("a page", () => page.content().catch(() => null));
    assert.ok(!seen.includes(codes[0]));

    await page.context().clearCookies();
    await page.goto("/login");
    const prove = async (code) => {
      await page.fill("#email", email);
      await page.fill("#password", PASSWORD);
      if (code) await page.fill("#code", code);
      await page.locator("form:has(#password) button.primary").click();
    };
    await prove();
    await page.locator("#code").waitFor();
    await prove(codes[3]);
    await page.waitForURL((url) => !url.pathname.startsWith("/login"));
    await page.goto("/settings/security");
    await page.getByText("9 recovery codes left.").waitFor();
    assert.deepEqual(page.troubles, []);
    await page.context().close();
  });
}

test("recovery codes look as the other pages do", async () => {
  const page = await person("zoe@example.com");
  await page.goto("/settings/security/authenticator/new");
  await page.fill("#code", totp(await page.textContent("#secret")));
  await page.getByRole("button", { name: "Switch on" }).click();
  await page.getByRole("heading", { name: "Keep these codes now" }).waitFor();
  await page.getByRole("button", { name: "I have stored the codes" }).click();
  await look("security-with-factor", page, "/settings/security");
  await look("recovery-codes", page, "/settings/security/recovery-codes", async (one) => {
    await send(one);
    await one.locator("#codes").waitFor();
  });
});

test("leaving the codes is asked about once", async () => {
  // A proof is good for five minutes, and a slow machine has taken them by now.
  const page = await open(browser, service);
  await signIn(page, "ann@example.com");
  let asked = 0;
  await page.setViewportSize({ width: 1280, height: 800 });
  page.once("dialog", (dialog) => { asked += 1; dialog.dismiss(); });
  await page.goto("/settings/security/authenticator/new");
  await page.fill("#code", totp(await page.textContent("#secret")));
  await page.getByRole("button", { name: "Switch on" }).click();
  await page.locator("#codes").waitFor();
  await page.getByRole("link", { name: "Scans" }).click();
  await until("the question", () => asked === 1);
  await page.locator("#codes").waitFor();
});

test("dark is dark from the next page on, and German is German", async () => {
  const page = await open(browser, service);
  await signIn(page, "bob@example.com");
  await page.goto("/settings/profile");
  await page.getByLabel("Dark").check();
  await page.getByLabel("Language").selectOption("de");
  await page.getByRole("button", { name: "Save appearance" }).click();
  await page.getByRole("heading", { level: 1, name: "Profil" }).waitFor();
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(14, 18, 24)");
  await page.context().close();
});
