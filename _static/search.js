// 検索を開いた時に、索引と検索の仕掛け（search/search.js）を1度だけ読み込む。
(() => {
  let asked = false;

  function load() {
    if (asked) return;
    asked = true;
    const script = document.createElement("script");
    script.src = `${document.documentElement.dataset.content_root}search/search.js`;
    script.onerror = () => {
      asked = false;
      script.remove();
      for (const form of document.querySelectorAll("form.bd-search")) {
        if (form.nextElementSibling) continue;
        const message = document.createElement("p");
        message.className = "search-results";
        message.setAttribute("role", "alert");
        message.textContent = "検索の索引を読み込めませんでした。通信を確かめて、もう一度開いてください。";
        form.after(message);
      }
    };
    document.head.append(script);
  }

  addEventListener("focusin", (event) => event.target.closest("form.bd-search") && load());
  addEventListener("DOMContentLoaded", () => document.querySelector("article form.bd-search") && load());
})();
