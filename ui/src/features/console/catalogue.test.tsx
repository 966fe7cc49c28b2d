import { act } from "react";
import { describe, expect, it } from "vitest";
import type { Input } from "../../api/client";
import { all, click, fill, type Keyboard, seen, start, until } from "../../testing/app";
import { FakeCore } from "../../testing/fake";

async function open(core: FakeCore, section: string): Promise<Keyboard> {
  core.staff = "s5";
  const keys = start(core);
  (await seen("nav-console")).focus();
  keys.press("Enter");
  await seen("menu-path");
  act(() => all(`console-${section}`)[0]?.click());
  return keys;
}

const sent = <C extends "catalogue_change" | "data_import">(core: FakeCore, command: C) => core.calls.filter(({ cmd }) => cmd === command).map(({ input }) => input as Input<C>);

/** What a person types into a field, who is in it then. */
async function into(id: string, text: string): Promise<void> {
  const field = await seen(id);
  act(() => field.focus());
  await fill(id, text);
}

async function choose(text: string): Promise<void> {
  const input = (await seen("import-file")) as HTMLInputElement;
  Object.defineProperty(input, "files", { configurable: true, value: [new File([text], "新品.csv", { type: "text/csv" })] });
  act(() => {
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

describe("the catalogue in the administrator's console", () => {
  it("finds a product and changes its list price and a price book's by keyboard", async () => {
    const core = new FakeCore();
    const keys = await open(core, "products");
    await until(() => all("product-row").length === 8, "eight products");
    await fill("catalogue-search", "蚕丝被");
    await until(() => all("product-row").length === 1, "one product");
    act(() => all("product-row")[0]?.focus());
    keys.press("Enter");
    await into("product-list-price", "７０９");
    await into("product-price-b1", "669.5");
    await into("product-price-b2", "");
    keys.press("Enter");
    await until(() => all("product-save").length === 0, "saved");
    const [product, first, second, ...more] = sent(core, "catalogue_change");
    expect(more).toEqual([]);
    expect(product).toMatchObject({ before: { item: "product", body: { list_price: "699" } }, after: { item: "product", body: { list_price: "709", code: "1006013" } } });
    expect(first).toMatchObject({ before: { item: "price", body: { unit_price: "659" } }, after: { item: "price", body: { price_book: "b1", unit_price: "669.5", valid_to: null } } });
    // An emptied price ends now; what it was stays in the books.
    expect(second).toMatchObject({ after: { item: "price", body: { price_book: "b2", unit_price: "639" } } });
    expect(second?.after.item === "price" && second.after.body.valid_to).toBeGreaterThan(0);
    act(() => all("console-history")[0]?.click());
    await until(() => all("history-line").length === 4, "three changes and a file");
  });

  it("does not save what is no price", async () => {
    const core = new FakeCore();
    const keys = await open(core, "products");
    await click("product-add");
    await into("product-code", "X1");
    await into("product-name", "新品");
    await into("product-list-price", "dear");
    keys.press("Enter");
    expect(((await seen("product-save")) as HTMLButtonElement).disabled).toBe(true);
    expect(sent(core, "catalogue_change")).toEqual([]);
  });

  it("shows both versions to the second of two, who chooses", async () => {
    const core = new FakeCore();
    const [one] = core.catalogue.distributors;
    if (one === undefined) throw new Error("no distributor");
    const after = { item: "distributor" as const, body: { ...one, credit_limit_fen: "900000" } };
    core.catalogue.own = [{ op: "c1", subject: one.name, after, held: null, refused: { code: "changed_meanwhile" } }];
    await open(core, "distributors");
    expect((await seen("catalogue-mine")).textContent).toContain("9,000.00");
    expect((await seen("catalogue-theirs")).textContent).toContain("50,000.00");
    await click("catalogue-take-mine");
    await until(() => all("catalogue-mine").length === 0, "decided");
    expect(core.catalogue.distributors[0]?.credit_limit_fen).toBe("900000");
  });

  it("adds a price book and gives a distributor new terms", async () => {
    const core = new FakeCore();
    const keys = await open(core, "price_books");
    await click("price-book-add");
    await into("price-book-name", "电商");
    keys.press("Enter");
    await until(() => all("price-book-row").length === 3, "three books");
    act(() => all("console-distributors")[0]?.click());
    (await seen("distributor-row")).focus();
    keys.press("Enter");
    await into("distributor-credit", "80000");
    keys.press("Enter");
    await until(() => core.catalogue.distributors[0]?.credit_limit_fen === "8000000", "a new limit");
  });

  it("names every problem of a file by row, column and what to do, and takes the mended file whole", async () => {
    const core = new FakeCore();
    const keys = await open(core, "products");
    await click("import");
    await choose("code,name,list price\nX1,新品,dear\nX2,另一个,\n");
    await until(() => all("import-problem").length === 2, "two problems");
    expect(all("import-problem")[0]?.textContent).toContain("“dear”不是数字");
    expect(all("import-take")).toEqual([]);
    await choose("code,name,list price\nX1,新品,1.50\nX2,另一个,2\n");
    expect((await seen("import-good")).textContent).toContain("新增 2");
    keys.press("Enter");
    await until(() => all("import-good").length === 0, "taken");
    expect(sent(core, "data_import").map(({ kind, name, take }) => [kind, name, take])).toEqual([
      ["products", "新品.csv", false],
      ["products", "新品.csv", false],
      ["products", "新品.csv", true],
    ]);
  });
});
