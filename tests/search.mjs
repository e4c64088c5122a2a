// 使い方: node search.mjs 本の住所 置き場 検索する語…
// 語ごとに、見つかったページの住所を JSON の1行で書く。
import { writeFile } from "node:fs/promises";

const [site, folder, ...queries] = process.argv.slice(2);
const module = `${folder}/pagefind.mjs`;
await writeFile(module, await (await fetch(`${site}pagefind/pagefind.js`)).text());
globalThis.document = { currentScript: null, querySelector: () => ({ getAttribute: () => "ja" }) };
const pagefind = await import(module);
await pagefind.options({ basePath: `${site}pagefind/`, baseUrl: "/" });
for (const query of queries) {
  const { results } = await pagefind.search(query);
  const pages = await Promise.all(results.map((result) => result.data()));
  console.log(JSON.stringify(pages.map((page) => page.url)));
}
