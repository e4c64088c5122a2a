// 使い方: node search.cjs 検索のファイル < 問いの並び（JSON）
// 問いごとに、見つかったページ・節・用語を JSON の1行で書く。抜粋の強調も入れる。
const fs = require("node:fs");
const vm = require("node:vm");

const source = fs.readFileSync(process.argv[2], "utf8");
const start = source.lastIndexOf("\nbookSearch.start(");
vm.runInThisContext(source.slice(0, start));
const index = bookSearch.open(JSON.parse(source.slice(source.indexOf("(", start) + 1, source.lastIndexOf(")"))));
for (const query of JSON.parse(fs.readFileSync(0, "utf8"))) {
  const { terms, pages } = bookSearch.search(index, query);
  const found = pages.slice(0, 10).map((page) => {
    const [hit] = page.hits;
    const shown = [...bookSearch.highlight(hit.section.title, hit), ...bookSearch.excerpt(hit)];
    const marked = shown.filter((piece) => piece.hit).map((piece) => piece.text);
    return { url: page.url, section: hit.section.title, marked };
  });
  console.log(JSON.stringify({ terms: terms.map(({ name, url }) => ({ name, url })), pages: found }));
}
