// Renders every page of src/testing/pages.ts in a headless Chromium, over the core in memory.
//
//   node scripts/screens.js FOLDER [NAME…]   writes NAME-LANG-THEME.png into FOLDER
//   node scripts/screens.js --check [NAME…]  lets axe judge the pages in both themes instead
//
// FIELDTILL_CHROMIUM names the browser, otherwise it is looked for on PATH; without one it prints
// "not run: …" and ends well.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join, resolve } from "node:path";
import { chromium } from "playwright-core";
import UPNG from "upng-js";
import { createServer } from "vite";

const SIZE = { width: 1366, height: 768 };
const LANGS = ["zh-CN", "en"];
const THEMES = ["light", "dark"];
/** What the samples call now, and a little later: pictures don't change with the day. */
const CLOCK = "2026-11-22T10:41:07+08:00";
/** As many colours as a palette holds; the pages are flat, and the files a third of their size. */
const COLOURS = 256;
const SERIOUS = new Set(["serious", "critical"]);

const ui = resolve(import.meta.dirname, "..");
const [first, ...names] = process.argv.slice(2);
const check = first === "--check";
if (first === undefined) fail("screens.js takes a folder or --check, and perhaps names of pages");

const browserPath = findBrowser();
if (browserPath === null) {
  console.log("not run: pages in a browser: chromium is not on PATH");
  process.exit(0);
}
const server = await createServer({ root: ui, logLevel: "error", server: { port: 0, host: "127.0.0.1", hmr: false } });
await server.listen();
const { port } = server.httpServer.address();
const { PAGES } = await server.ssrLoadModule("/src/testing/pages.ts");
const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb", "--font-render-hinting=none"] });
let bad = 0;
try {
  const unknown = names.filter((name) => !PAGES.some((page) => page.name === name));
  if (unknown.length > 0) fail(`there is no page ${unknown.join(", ")}`);
  const pages = PAGES.filter(({ name }) => names.length === 0 || names.includes(name));
  bad = check ? await judge(pages) : await picture(pages, first);
} finally {
  await browser.close();
  await server.close();
}
process.exit(bad === 0 ? 0 : 1);

async function picture(pages, folder) {
  mkdirSync(folder, { recursive: true });
  for (const lang of LANGS) {
    await each(pages, lang, async (tab, page) => {
      for (const theme of THEMES) {
        await dress(tab, theme);
        const png = await tab.screenshot({ animations: "disabled", caret: "hide" });
        writeFileSync(join(folder, `${page.name}-${lang}-${theme}.png`), small(png));
      }
    });
  }
  console.log(`${pages.length} pages, ${pages.length * LANGS.length * THEMES.length} pictures`);
  return 0;
}

async function judge(pages) {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  let found = 0;
  await each(pages, "en", async (tab, page) => {
    await tab.evaluate(axe);
    for (const theme of THEMES) {
      await dress(tab, theme);
      const { violations } = await tab.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
      for (const { id, impact, help, nodes } of violations.filter(({ impact: one }) => SERIOUS.has(one))) {
        found += 1;
        console.log(`error: ${page.name} ${theme}: ${impact} ${id}: ${help}`);
        for (const { html, any } of nodes.slice(0, 4)) console.log(`  ${html.slice(0, 160)}  ${any[0]?.message ?? ""}`);
      }
    }
  });
  console.log(`axe: ${pages.length} pages in ${THEMES.length} themes, ${found} serious`);
  return found;
}

/** Opens each page and does its steps. A fault in the page is this program's failure. */
async function each(pages, lang, visit) {
  const context = await browser.newContext({ viewport: SIZE, locale: lang, timezoneId: "Asia/Shanghai", reducedMotion: "reduce" });
  const tab = await context.newPage();
  const faults = [];
  tab.on("pageerror", (error) => faults.push(String(error)));
  await tab.clock.setFixedTime(new Date(CLOCK));
  for (const page of pages) {
    try {
      await tab.goto(`http://127.0.0.1:${port}/preview.html?${page.query}&lang=${lang}`);
      // Nothing may be seen on its way from one colour to another, however busy the machine is.
      await tab.addStyleTag({ content: "*, *::before, *::after { transition: none !important; animation: none !important }" });
      await ready(tab);
      for (const step of page.steps ?? []) {
        if ("click" in step) await tab.getByTestId(step.click).first().click({ timeout: 5_000 });
        else if ("press" in step) await tab.keyboard.press(step.press.replace("Ctrl", "Control"));
        else await tab.keyboard.type(step.type, { delay: 60 });
        await ready(tab);
      }
      if (page.dialog !== undefined) await tab.getByRole("dialog").waitFor({ timeout: 5_000 });
      await visit(tab, page);
    } catch (error) {
      fail(`${page.name}: ${error}`);
    }
    if (faults.length > 0) fail(`${page.name}: ${faults.join("; ")}`);
  }
  await context.close();
}

/** Drawn, its fonts there, and nothing changed any more between two looks. */
async function ready(tab) {
  await tab.waitForFunction(() => (document.getElementById("root")?.firstElementChild ?? null) !== null);
  await tab.evaluate(() => document.fonts.ready);
  await tab.waitForFunction(
    () => {
      const now = document.body.innerHTML;
      const same = globalThis.seenBefore === now;
      globalThis.seenBefore = now;
      return same;
    },
    null,
    { polling: 120 },
  );
}

function dress(tab, theme) {
  return tab.evaluate((one) => globalThis.dress(one), theme);
}

function small(png) {
  const image = UPNG.decode(png);
  return Buffer.from(UPNG.encode(UPNG.toRGBA8(image), image.width, image.height, COLOURS));
}

function findBrowser() {
  const named = process.env.FIELDTILL_CHROMIUM;
  if (named !== undefined) return named;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
      const path = join(folder, name);
      if (existsSync(path)) return path;
    }
  }
  return null;
}

function fail(why) {
  console.error(`error: ${why}`);
  process.exit(1);
}
