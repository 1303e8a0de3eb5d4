// Looks at one page in every width and theme: manners, weight of policy, what axe finds. Pictures go to
// PICTURES, for people.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";

const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const pictures = process.env.PICTURES;
if (pictures) mkdirSync(pictures, { recursive: true });

const SIZES = [1280, 320];
const THEMES = ["light", "dark"];

async function go(page, path, act) {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(path);
  await act?.(page);
}

/** Looks at a page: `strict` keeps the policy, `open` lets axe in. `act` is done before anybody looks. */
export async function look(name, [strict, open], path, act) {
  strict.troubles.length = strict.answers.length = 0;
  await go(strict, path, act);
  assert.equal(await strict.locator("h1").count(), 1, "one h1");
  assert.match(await strict.title(), /^.+ · ComplianceLayer$/);
  assert.equal(await strict.getAttribute("html", "lang"), "en");
  assert.equal(await strict.locator("[style], style, [onclick], [onerror]").count(), 0, "no inline style or script");
  for (const width of SIZES) {
    await strict.setViewportSize({ width, height: 800 });
    for (const colorScheme of THEMES) {
      await strict.emulateMedia({ colorScheme });
      if (pictures) await strict.screenshot({ path: `${pictures}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
    assert.equal(await strict.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `no sideways scroll at ${width} px`);
    const small = await strict.evaluate(() => [...document.querySelectorAll("svg text")].map((text) => text.getBoundingClientRect())
      .filter((box) => box.height > 0 && box.height < 11).length);
    assert.equal(small, 0, `no small text in drawings at ${width} px`);
  }
  await strict.emulateMedia({ colorScheme: "light", forcedColors: "active" });
  if (pictures) await strict.screenshot({ path: `${pictures}/${name}-forced.png`, fullPage: true });
  await strict.emulateMedia({ colorScheme: "light", forcedColors: "none" });
  // A redirect of what was done before may still arrive here.
  const first = strict.answers.find((answer) => answer.headers["content-type"]?.startsWith("text/html"));
  assert.match(first.headers["content-security-policy"], /default-src 'none'.*require-trusted-types-for 'script'/);
  assert.equal(first.headers["referrer-policy"], "same-origin");
  assert.equal(first.headers["x-content-type-options"], "nosniff");
  assert.deepEqual(strict.troubles, []);

  await go(open, path, act);
  await open.evaluate(`${axe};0`);
  for (const width of SIZES) {
    await open.setViewportSize({ width, height: 800 });
    for (const colorScheme of THEMES) {
      await open.emulateMedia({ colorScheme });
      const found = await open.evaluate((runOnly) => axe.run(document, { runOnly }), RULES);
      const said = found.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`);
      assert.deepEqual(said, [], `axe at ${width} px, ${colorScheme}`);
    }
  }
}

/** Checks that text twice as large fits. */
export async function enlarge(page, path) {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(path);
  await page.evaluate(() => { document.documentElement.style.fontSize = "200%"; });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, path);
}
