// 読んだ所の記録。このブラウザーの localStorage にだけ残し、使えなければページを閉じるまで覚える。
addEventListener("DOMContentLoaded", () => {
  const root = new URL(document.documentElement.dataset.content_root, location.href);
  const key = `reading ${root.pathname}`;
  const nameOf = (address) =>
    new URL(address, location.href).pathname.slice(root.pathname.length).replace(/\.html$/, "");
  const isLesson = (name) => name.startsWith("lessons/");
  const here = nameOf(location.href);
  const UNSAVED = "このブラウザーには記録を残せないので、ページを閉じると消えます。";

  // done: 読み終えたレッスン。quizzes: レッスンごとの、最初の選択と点。last: 最後に読んでいた所。
  const fresh = () => ({ done: [], quizzes: {}, last: null });
  let state = fresh();
  let saved = true;

  function load() {
    try {
      state = { ...fresh(), ...JSON.parse(localStorage.getItem(key)) };
    } catch {}
    show();
  }
  function change(edit) {
    edit();
    try {
      localStorage.setItem(key, JSON.stringify(state));
      saved = localStorage instanceof Storage;
    } catch {
      saved = false;
    }
    show();
  }
  function make(tag, properties, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  // ---- 理解度チェック ----

  const headings = [...document.querySelectorAll(".bd-article h2")];
  const quiz = isLesson(here) && headings.find((one) => one.textContent.startsWith("理解度チェック"));
  const questions = [];
  const score = make("p", { className: "quiz-score", role: "status" });

  for (const part of quiz ? quiz.parentElement.children : []) {
    if (/^問 \d+\./.test(part.textContent)) questions.push([]);
    if (!part.matches("details")) continue;
    const summary = part.querySelector("summary");
    const text = summary.textContent;
    const right = part.querySelector("p").textContent.startsWith("正解です。");
    const number = questions.length - 1;
    questions[number].push({ text, right, summary });
    summary.addEventListener("click", () => {
      if (part.open || first(number)) return;
      change(() => {
        const chosen = { ...state.quizzes[here]?.chosen, [number]: text };
        const kept = (state.quizzes[here] = { chosen, of: questions.length });
        kept.right = firsts().filter((one) => one.right).length;
      });
    });
  }
  if (quiz) quiz.parentElement.append(score);

  // 最初の選択。後で文の変わった選択肢は、選ばなかったことにする。
  const first = (number) =>
    questions[number].find((one) => one.text === state.quizzes[here]?.chosen[number]);
  const firsts = () => questions.map((_, number) => first(number)).filter(Boolean);

  function showQuiz() {
    document.querySelectorAll(".first-choice").forEach((mark) => mark.remove());
    for (const { summary, right } of firsts()) {
      const className = `first-choice ${right ? "accepted" : "rejected"}`;
      summary.append(make("span", { className }, `最初の選択（${right ? "正解" : "外れ"}）`));
    }
    const left = questions.length - firsts().length;
    const right = firsts().filter((one) => one.right).length;
    score.textContent =
      left === questions.length
        ? "問いごとに、最初に押した選択肢で点を数えます。"
        : `${questions.length}問のうち${right}問を、最初の選択で正解しました。` +
          (left ? `残りは${left}問です。` : "") +
          (saved ? "" : UNSAVED);
  }

  // ---- 読み終えた印と、読んでいた所 ----

  const box = make("input", { type: "checkbox" });
  const notice = make("span", { role: "status" });

  // 読んでいる節。最初の節に着いていなければ null。
  function section() {
    const passed = headings.filter((one) => one.getBoundingClientRect().top < innerHeight / 2);
    const id = passed.at(-1)?.parentElement.id;
    return id ? { id, title: passed.at(-1).textContent.replace(/#$/, "") } : null;
  }
  if (isLesson(here)) {
    const label = make("label", {}, box, " このレッスンを読み終えた");
    document.querySelector(".bd-article").append(make("p", { className: "read-box" }, label, notice));
    box.addEventListener("change", () => {
      change(() => {
        state.done = state.done.filter((name) => name !== here);
        if (box.checked) state.done.push(here);
      });
      notice.textContent = saved ? "" : UNSAVED;
    });
    addEventListener("visibilitychange", () => {
      if (document.hidden) change(() => (state.last = { name: here, at: section() }));
    });
  }

  // ---- 表紙と、横の目次 ----

  const list = [...document.querySelectorAll(".bd-docs-nav a")]
    .map((link) => ({ link, name: nameOf(link.href), title: link.textContent }))
    .filter(({ name }) => isLesson(name));
  const panel = make("section", { className: "reading", ariaLabel: "読んだ所の記録" });
  const news = make("p", { role: "status", tabIndex: -1 });
  if (document.querySelector(".course")) {
    (document.querySelector(".start") ?? document.querySelector("h1")).after(panel, news);
  }

  // 次に開くレッスン。途中ならその節、読み終えていれば、後ろで最初のまだのもの。
  function next() {
    const from = list.findIndex(({ name }) => name === state.last?.name);
    const found = list.findIndex(({ name }, at) => at >= from && !state.done.includes(name));
    if (from < 0 || found < 0) return null;
    const again = found === from;
    const label = again ? "前回の続き" : "次のレッスン";
    return { ...list[found], label, at: again ? state.last.at : null };
  }

  function showList(target) {
    document.querySelectorAll(".read-mark").forEach((mark) => mark.remove());
    for (const link of [...list.map((one) => one.link), ...document.querySelectorAll(".course a")]) {
      const name = nameOf(link.href);
      const done = state.done.includes(name) && "✓ 読み終えた";
      const ahead = name === target?.name && name !== here && target.label;
      const test = link.closest(".course") && state.quizzes[name];
      const marks = [done, ahead, test && `理解度チェック ${test.right}/${test.of}`].filter(Boolean);
      if (marks.length) link.append(make("span", { className: "read-mark" }, marks.join("、")));
    }
  }

  function showPanel(target) {
    panel.hidden = JSON.stringify(state) === JSON.stringify(fresh());
    const parts = [`${list.length}のレッスンのうち${state.done.length}を読み終えました。`];
    if (target) {
      const href = new URL(`${target.name}.html#${target.at?.id ?? ""}`, root).href;
      const text = target.title + (target.at ? `「${target.at.title}」` : "");
      parts.push(make("br"), `${target.label}: `, make("a", { href }, text));
    }
    const restart = make("button", { type: "button" }, "最初からやり直す");
    restart.addEventListener("click", () => {
      if (!confirm("読み終えた印、理解度チェックの点、前回の続きを、すべて消します。")) return;
      change(() => (state = fresh()));
      news.textContent = "記録を消しました。";
      news.focus();
    });
    panel.replaceChildren(make("p", {}, ...parts), restart);
  }

  function show() {
    const target = next();
    box.checked = state.done.includes(here);
    if (quiz) showQuiz();
    showList(target);
    showPanel(target);
  }

  addEventListener("pageshow", load);
  addEventListener("storage", load);
});
