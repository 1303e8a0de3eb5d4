// A real browser that writes down what it saw: errors, refused content, other hosts, bodies.
import { chromium } from "playwright-core";
import { PASSWORD } from "./service.mjs";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell";
// Nothing of its own over the network.
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  // A name on somebody's local network.
  "--host-resolver-rules=MAP nas.example 127.0.0.1"];

export const launch = () => chromium.launch({ executablePath, args: FLAGS });

/** Opens a page whose troubles end up in `page.troubles` and whose answers in `page.answers`. */
export async function open(browser, service, options = {}) {
  const context = await browser.newContext({ baseURL: service.url, locale: "en", ...options });
  const page = await context.newPage();
  page.troubles = [];
  page.answers = [];
  page.on("pageerror", (error) => page.troubles.push(`script: ${error.message}`));
  page.on("console", (message) => {
    // A page that says "not found" has that status; the browser notes it.
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) page.troubles.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(service.url)) page.troubles.push(`another host: ${request.url()}`);
  });
  page.on("response", async (response) => {
    const answer = { url: response.url(), headers: response.headers(), status: response.status(), body: "" };
    page.answers.push(answer);
    answer.body = await response.text().catch(() => "");
  });
  if (options.javaScriptEnabled !== false && !options.bypassCSP) {
    await page.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.sample}`));
    });
  }
  return page;
}

export async function signIn(page, email, password = PASSWORD) {
  await page.goto("/login");
  await page.fill("#email", email);
  await page.fill("#password", password);
  await page.click("button.primary");
  await page.waitForURL((url) => !url.pathname.startsWith("/login"));
}
