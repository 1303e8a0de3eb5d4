// Starts the built program for the browser: the demo target, and servers that take it for the internet.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const program = process.env.PROGRAM;
export const PASSWORD = "gurgling walnut ferry tax";

/** Waits until something is true. */
export async function until(what, holds, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await holds();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(30);
  }
}

/** The demo target in a process of its own. */
export class Target {
  static async start() {
    const target = new Target();
    target.process = spawn(program, ["demo", "--target-only"], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    target.process.stdout.on("data", (part) => { text += part; });
    await until("the demo target", () => text.endsWith("\n\n"));
    const lines = text.trim().split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2));
    target.environment = Object.fromEntries(lines);
    return target;
  }

  stop() { this.process.kill(); }
}

/** A server with a data folder of its own. */
export class Service {
  static async start(target, settings = {}, listen) {
    const service = new Service();
    service.folder = mkdtempSync(join(tmpdir(), "compliancelayer-browser-"));
    service.environment = {
      ...process.env, ...target.environment, ...settings, COMPLIANCELAYER_DATA_DIR: join(service.folder, "data"),
    };
    await service.begin(listen);
    return service;
  }

  async begin(listen = "127.0.0.1:0") {
    const ready = join(this.folder, "ready");
    rmSync(ready, { force: true });
    const words = ["serve", "--listen", listen, "--ready-file", ready];
    this.process = spawn(program, words, { env: this.environment, stdio: ["ignore", "ignore", "pipe"] });
    this.log ??= "";
    this.process.stderr.on("data", (part) => { this.log += part; });
    await until(`the server; it said: ${this.log}`, () => existsSync(ready) && readFileSync(ready, "utf8"));
    this.url = readFileSync(ready, "utf8").trim();
  }

  async halt() {
    const ended = once(this.process, "exit");
    this.process.kill();
    await ended;
  }

  async stop() {
    await this.halt();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Where the first administrator is made. */
  get setupLink() { return this.log.match(/https?:\/\/\S+\/setup\?token=\w+/)[0]; }

  admin(...words) {
    const printed = execFileSync(program, ["admin", ...words, "--json"], { env: this.environment, stdio: ["pipe", "pipe", "inherit"] });
    return printed.length ? JSON.parse(printed) : null;
  }

  /** Makes a user with the password of these tests. */
  user(email, plan = "professional", role = "user") {
    execFileSync(program, ["admin", "create-user", "--email", email, "--plan", plan, "--role", role, "--password-stdin", "--json"],
      { env: this.environment, input: `${PASSWORD}\n`, stdio: ["pipe", "pipe", "inherit"] });
  }

  /** Calls the API and returns status and body. */
  async call(key, path, body) {
    const answer = await fetch(this.url + path, {
      method: body === undefined ? "GET" : "POST",
      headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  }
}
