// Looks at one page in every width and theme: manners, weight of policy, what axe finds. Pictures go to
// PICTURES, for people.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const axe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const pictures = process.env.PICTURES;
if (pictures) mkdirSync(pictures, { recursive: true });

// What can be wrong in one theme and right in the other: pages differ in nothing but colours.
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];
const SIZES = [1280, 320];
const THEMES = ["light", "dark"];
// The API's reference would be as high as fifty screens.
const HIGHEST_PICTURE = 8000;

async function begin(page, path, act) {
  page.troubles.length = page.answers.length = 0;
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(path);
  await act?.(page);
}

/** Draws the whole page. `page.screenshot` packs pictures twice as long as it draws them. */
async function picture(page, name) {
  if (!pictures) return;
  const { width, height } = await page.evaluate(() => ({ width: innerWidth, height: document.documentElement.scrollHeight }));
  const clip = { x: 0, y: 0, width, height: Math.min(height, HIGHEST_PICTURE), scale: 1 };
  page.session ??= await page.context().newCDPSession(page);
  const { data } = await page.session.send("Page.captureScreenshot", { clip, captureBeyondViewport: true, optimizeForSpeed: true });
  writeFileSync(`${pictures}/${name}.png`, data, "base64");
}

/** Looks at a page under its own policy. `act` is done before anybody looks. */
export async function look(name, page, path, act) {
  await begin(page, path, act);
  assert.equal(await page.locator("h1").count(), 1, "one h1");
  assert.match(await page.title(), /^.+ · ComplianceLayer$/);
  assert.equal(await page.getAttribute("html", "lang"), "en");
  assert.equal(await page.locator("[style], style, [onclick], [onerror]").count(), 0, "no inline style or script");
  for (const width of SIZES) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      await picture(page, `${name}-${width}-${colorScheme}`);
    }
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `no sideways scroll at ${width} px`);
    assert.deepEqual(await page.evaluate(small), [], `no small text in drawings at ${width} px`);
    assert.deepEqual(await page.evaluate(overlaps), [], `no text over other text at ${width} px`);
    // What is folded is looked at unfolded, too.
    await page.evaluate(unfold);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `no sideways scroll with everything open at ${width} px`);
    assert.deepEqual(await page.evaluate(overlaps), [], `no text over other text with everything open at ${width} px`);
    await page.evaluate(fold);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light", forcedColors: "active" });
  await picture(page, `${name}-forced`);
  await page.emulateMedia({ colorScheme: "light", forcedColors: "none" });
  // A redirect of what was done before may still arrive here.
  const first = page.answers.find((answer) => answer.headers["content-type"]?.startsWith("text/html"));
  assert.match(first.headers["content-security-policy"], /default-src 'none'.*require-trusted-types-for 'script'/);
  assert.equal(first.headers["referrer-policy"], "same-origin");
  assert.equal(first.headers["x-content-type-options"], "nosniff");
  assert.equal(first.headers["cross-origin-opener-policy"], "same-origin");
  assert.equal(first.headers["cross-origin-resource-policy"], "same-origin");
  assert.match(first.headers["permissions-policy"], /camera=\(\).*clipboard-write=\(self\)/);
  assert.deepEqual(page.troubles, []);
  await accessibility(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.evaluate(() => { document.documentElement.style.fontSize = "200%"; });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, "text twice as large fits");
  await page.evaluate(() => { document.documentElement.style.fontSize = ""; });
  await page.evaluate(translate);
  for (const width of SIZES) {
    await page.setViewportSize({ width, height: 800 });
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0, `longer words, from right to left, fit at ${width} px`);
    assert.deepEqual(await page.evaluate(cut), [], `longer words are not cut at ${width} px`);
  }
}

async function accessibility(page) {
  await page.evaluate(`${axe};0`);
  await page.evaluate(unfold);
  for (const width of SIZES) {
    await page.setViewportSize({ width, height: 800 });
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      const runOnly = colorScheme === "light" ? { type: "tag", values: RULES } : { type: "rule", values: COLOUR_RULES };
      const found = await page.evaluate((options) => axe.run(document, options), { runOnly, resultTypes: ["violations"], preload: false });
      const said = found.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`);
      assert.deepEqual(said, [], `axe at ${width} px, ${colorScheme}`);
    }
  }
  await page.evaluate(fold);
}

/** Opens whatever is folded, but for the menu. */
function unfold() {
  for (const one of document.querySelectorAll("main details:not([open])")) {
    one.dataset.folded = "";
    one.open = true;
  }
}

/** Closes it again: a picture of a whole report is as high as a house. */
function fold() {
  for (const one of document.querySelectorAll("[data-folded]")) one.open = false;
}

/** Lists texts in drawings that are drawn with less than 11 px. */
function small() {
  const texts = [...document.querySelectorAll("svg text")].filter((text) => text.checkVisibility());
  const size = (text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a;
  return texts.filter((text) => size(text) < 10.95).map((text) => `${text.textContent}: ${size(text)} px`);
}

/** Lists texts that lie over each other. */
function overlaps() {
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest(".skip, option, noscript") || !element.checkVisibility()) continue;
    // What only screen readers see lies anywhere.
    let around = element;
    while (around && getComputedStyle(around).clipPath === "none") around = around.parentElement;
    if (around) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) if (box.width > 1) boxes.push([box, node.textContent.trim()]);
  }
  boxes.sort(([one], [other]) => one.top - other.top);
  const found = [];
  for (const [at, [box, text]] of boxes.entries()) {
    for (let next = at + 1; next < boxes.length && boxes[next][0].top < box.bottom - 4; next += 1) {
      const [other, otherText] = boxes[next];
      if (Math.min(box.right, other.right) - Math.max(box.left, other.left) > 3) found.push(`${text} / ${otherText}`);
    }
  }
  return found;
}

/** Makes every word of ours longer and accented, and turns the page around. */
function translate() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const accents = { a: "á", e: "ë", i: "î", o: "õ", u: "ü", A: "Å", E: "É", O: "Ø", U: "Ü" };
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest("pre, code, .mono, .name, svg, time, textarea")) continue;
    const text = node.textContent.replace(/[aeiouAEOU]/g, (letter) => accents[letter] ?? letter);
    node.textContent = text.replace(/\p{L}{4,}/gu, (word) => word + word.slice(-Math.ceil(word.length * 0.4)));
  }
  document.documentElement.dir = "rtl";
}

/** Lists controls whose text is wider than they are. */
function cut() {
  const controls = [...document.querySelectorAll("button, .button, .chip, nav a, th, legend, label, h1, h2, h3")];
  return controls.filter((one) => one.checkVisibility() && !one.closest(".hidden, .skip, svg") && !one.matches(".hidden, .skip")
    && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1).map((one) => one.outerHTML.slice(0, 200));
}
