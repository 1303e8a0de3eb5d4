// Passkeys as a real browser makes and uses them, with an authenticator in software of its own.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { launch, open, signIn } from "./browser.mjs";
import { Service, Target } from "./service.mjs";

const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

let browser, target, service;
before(async () => {
  [browser, target] = await Promise.all([launch(), Target.start()]);
  // A passkey is for one origin, so its port is known before the server is.
  const place = createServer().listen(0, "127.0.0.1");
  await once(place, "listening");
  const { port } = place.address();
  place.close();
  await once(place, "close");
  const settings = { COMPLIANCELAYER_SERVER__PUBLIC_URL: `http://localhost:${port}` };
  service = await Service.start(target, settings, `127.0.0.1:${port}`);
});
after(async () => {
  await browser.close();
  await service.stop();
  target.stop();
});

test("a passkey is added, signs its user in and is removed", async () => {
  service.user("ann@example.com");
  const page = await open(browser, service);
  const tools = await page.context().newCDPSession(page);
  await tools.send("WebAuthn.enable");
  const { authenticatorId } = await tools.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal",
    hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
  } });
  await signIn(page, "ann@example.com");
  await page.goto("/settings/security");
  await page.getByRole("link", { name: "Add passkey" }).click();
  await page.fill("#name", "Laptop");
  await page.getByRole("button", { name: "Add passkey" }).click();
  await page.getByRole("rowheader", { name: "Laptop" }).waitFor();
  const { credentials } = await tools.send("WebAuthn.getCredentials", { authenticatorId });
  assert.deepEqual(credentials.map((one) => [one.rpId, one.userName, one.isResidentCredential]), [["localhost", "ann@example.com", true]]);

  await page.context().clearCookies();
  await page.goto("/login?next=%2Fsettings%2Fsecurity");
  const passkey = page.getByRole("button", { name: "Sign in with a passkey" });
  await passkey.click();
  await page.waitForURL(/\/settings\/security$/);

  // Who is not verified is not let in: the browser says so and the page stays.
  await page.context().clearCookies();
  await page.goto("/login");
  await tools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await passkey.click();
  await page.getByText("The browser gave no passkey.").first().waitFor();
  await tools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
  await passkey.click();
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));

  await page.goto("/settings/security");
  await page.getByRole("button", { name: "Remove the passkey Laptop" }).click();
  await page.getByText("You have no passkey.").waitFor();
  await page.context().clearCookies();
  await page.goto("/login");
  await passkey.click();
  await page.getByRole("alert").getByText("This passkey does not sign anybody in here.").waitFor();
  assert.deepEqual(page.troubles, []);
  await page.context().close();
});

test("the pages about passkeys are for everybody, on a narrow screen too", async () => {
  service.user("bob@example.com");
  const page = await open(browser, service, { bypassCSP: true, viewport: { width: 320, height: 800 } });
  const look = async (path) => {
    await page.goto(path);
    await page.evaluate(`${axe};0`);
    const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    assert.deepEqual(found.violations.map((one) => `${one.id}: ${one.nodes[0].html}`), [], path);
    const [wide, shown] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= shown, `${path} scrolls sideways`);
  };
  await look("/login");
  await signIn(page, "bob@example.com");
  await look("/settings/security");
  await look("/settings/security/passkeys/new");
  await page.context().close();
});
