// 検索の窓と検索のページに、入力につれて結果を並べる。
bookSearch.start = (data) => {
  const PAGES = 10;
  const MORE_SECTIONS = 2;
  const PAUSE = 80; // 打ち終わるのを待つミリ秒
  const root = document.documentElement.dataset.content_root ?? "";
  const index = bookSearch.open(data);

  function element(tag, name, ...children) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    made.append(...children);
    return made;
  }

  function link(url, name, ...children) {
    const made = element("a", name, ...children);
    made.href = root + url;
    return made;
  }

  function marked(pieces) {
    return pieces.map(({ text, hit }) => (hit ? element("mark", "", text) : text));
  }

  function addressOf({ section }) {
    const { url, title } = section.page;
    return section.title === title ? url : `${url}#${section.id}`;
  }

  function termCard(term) {
    const page = data.pages.find((one) => one.url === term.page);
    const name = link(term.url, "", term.name);
    return element(
      "div",
      "search-term",
      element("p", "", element("strong", "", name), term.name === term.en ? "" : `（${term.en}）`),
      element("p", "", term.definition),
      element("p", "", "教えるレッスン: ", link(`${term.page}#${term.section}`, "", page.title)),
    );
  }

  function pageItem({ title, hits }) {
    const [best, ...others] = hits;
    const item = element("li", "");
    const heading = link(addressOf(best), "search-hit", element("span", "search-page", ...marked(bookSearch.highlight(title, best))));
    if (best.section.title !== title) {
      heading.append(element("span", "search-section", ...marked(bookSearch.highlight(best.section.title, best))));
    }
    item.append(heading, element("p", "search-excerpt", ...marked(bookSearch.excerpt(best))));
    const close = others
      .filter((one) => one.section.title !== title && one.score > best.score * 0.4)
      .slice(0, MORE_SECTIONS);
    if (close.length) {
      const links = close.map((one) => element("li", "", link(addressOf(one), "", one.section.title)));
      item.append(element("ul", "search-others", ...links));
    }
    return item;
  }

  function fill(results, query) {
    const { terms, pages } = bookSearch.search(index, query);
    const list = element("ol", "search-pages", ...pages.slice(0, PAGES).map(pageItem));
    const status = results.querySelector("[role=status]");
    status.textContent = !query.trim()
      ? ""
      : pages.length || terms.length
        ? `「${query.trim()}」の検索結果: ${pages.length}ページ`
        : `「${query.trim()}」は見つかりませんでした。短い言葉か、別の言い方で試してください。`;
    results.querySelector(".search-found").replaceChildren(...terms.map(termCard), list);
    if (pages.length > PAGES) {
      const more = element("button", "search-more", `残りの${pages.length - PAGES}ページも見る`);
      more.type = "button";
      more.addEventListener("click", () => {
        const rest = pages.slice(PAGES).map(pageItem);
        list.append(...rest);
        more.remove();
        rest[0].querySelector("a").focus();
      });
      results.querySelector(".search-found").append(more);
    }
    results.scrollTop = 0;
    results.hidden = !query.trim();
  }

  // 矢印の上下で、入力欄と結果を行き来する。
  function walk(event, input, results) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.isComposing) return;
    const stops = [input, ...results.querySelectorAll("a, button")];
    const next = stops[stops.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  function attach(form) {
    const input = form.querySelector("input");
    const dialog = form.closest("dialog");
    const status = element("p", "search-status");
    status.setAttribute("role", "status");
    const results = element("section", "search-results", status, element("div", "search-found"));
    results.setAttribute("aria-label", "検索の結果");
    results.hidden = true;
    form.after(results);

    let waiting;
    const update = () => {
      fill(results, input.value);
      if (!dialog) history.replaceState(null, "", input.value.trim() ? `?q=${encodeURIComponent(input.value.trim())}` : "?");
    };
    input.addEventListener("input", (event) => {
      clearTimeout(waiting);
      if (!event.isComposing) waiting = setTimeout(update, PAUSE);
    });
    input.addEventListener("compositionend", update);
    (dialog ?? form.parentElement).addEventListener("keydown", (event) => walk(event, input, results));
    if (dialog) {
      results.addEventListener("click", (event) => event.target.closest("a") && dialog.close());
    } else {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        clearTimeout(waiting);
        update();
      });
      input.value ||= new URLSearchParams(location.search).get("q") ?? "";
    }
    if (input.value) fill(results, input.value);
  }

  document.querySelectorAll("form.bd-search").forEach(attach);
};
