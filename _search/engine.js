// 検索の心臓部。DOMに触れないので、ブラウザーでも試験のNodeでも同じものが動く。
//
// 索引は節の文そのままで、語に切らない。問いの言葉を、表記をそろえた本文からそのまま探すので、
// 本と問いで語の切り方が食い違うことがない。
globalThis.bookSearch = (() => {
  // 言葉がどこにあったかの重み。
  const FIELD = { title: 3, heading: 3, body: 1, code: 0.4 };
  // 打った文がそのまま続いている時に足す重み。言葉を全部見つけた時の点を1とする。
  const PHRASE = { heading: 3, body: 1.5, code: 0.7 };
  const SAME_HEADING = 4;
  // 用語集の言葉を教える節に足す重み。問いにほかの言葉もあれば、その分を減らす。
  const TEACHES = 12;
  // 打った言葉も、言い替える前の言葉も本にある時の、言い替えた読み方の重み。
  const REWORDED = 0.6;
  // 1つの問いを、いくつまで言い替えるか。
  const MOST_READINGS = 8;
  // 一番よい節のほかに、同じページの節がどれだけ加勢するか。
  const OTHERS = 0.15;
  // 用語の定義を見せるのに要る、問いの中でその用語が占める割合。
  const MAINLY = 0.7;
  // 打ち間違いを探す、語の長さ。
  const LONG_ENOUGH = 4;
  // まるごと無い語が、2字ずつに分けてどれだけあれば、あるとみるか。
  const HALF = 0.5;
  // 漢字1字（「取り除く」の取と除）の重み。
  const SINGLE = 0.3;
  // どの授業にもある見出し（まとめなど）の節の重みと、そうみなすページの数。
  const FRAME = 0.6;
  const FRAME_PAGES = 4;
  // 用語と事実を並べたページの重み。言葉はたくさんあっても、説明はほかのページにある。
  const LISTS = { "glossary.html": 0.8, "sources.html": 0.5 };
  // 問いの言葉がこれだけも無いページと節は見せない。
  const ENOUGH = { page: 0.3, section: 0.2 };
  const EXCERPT = 84;

  const RUNS = /[\p{scx=Han}々〆]+|[ァ-ヺ]+|[ぁ-ゖ]+|[a-z0-9_]+/gu;
  const ASIDE =
    /(とは(何か?|なに)?|って(何|なに)?|の意味|(する|の)?方法|の?(やり|使い)方|の?仕方|したい|について|を?知りたい|ですか)+$/u;

  // ---- 表記をそろえる ----

  const DASHES = /[ー－―–—]/g;

  const VU = { ヴ: "ブ", ヴァ: "バ", ヴィ: "ビ", ヴェ: "ベ", ヴォ: "ボ" };

  // 全角と半角、大文字と小文字、長音の有無、ヴとブをそろえる。
  const fold = (text) =>
    text
      .replace(DASHES, "")
      .normalize("NFKC")
      .replace(/ヴ[ァィェォ]?/g, (sound) => VU[sound])
      .toLowerCase();

  // そろえた文と、その文字の1つずつが元の文の何文字目から来たか。
  function foldEach(text) {
    const folded = [];
    const from = [];
    let position = 0;
    for (const [character] of text.matchAll(/ヴ[ァィェォ]|./gsu)) {
      for (const one of fold(character)) {
        folded.push(one);
        for (let i = 0; i < one.length; i++) from.push(position);
      }
      position += character.length;
    }
    from.push(position);
    return { folded: folded.join(""), from };
  }

  const tight = (folded) => folded.replace(/[^\p{L}\p{N}_]+/gu, "");

  // 記号と空白を1つの空白にする。
  const spaced = (folded) => folded.replace(/[^\p{L}\p{N}_]+/gu, " ").trim();

  function kindOf(character) {
    if (character === undefined) return "";
    if (/^[a-z0-9_]/.test(character)) return "latin";
    if (/^[ァ-ヺ]/.test(character)) return "katakana";
    return /^[\p{scx=Han}々〆]/u.test(character) ? "kanji" : "";
  }

  const isHiragana = (text) => /^[ぁ-ゖ]+$/.test(text);

  // ---- 問いを読む ----

  // 漢字、片仮名、英数字のまとまり。かなは、ほかに何も無い時だけ使う。
  function wordsOf(index, reading) {
    const runs = reading.match(RUNS) ?? [];
    const content = runs.filter((run) => !isHiragana(run));
    const chosen = (content.length ? content : runs).flatMap((run) => known(index, run));
    return [...new Set(chosen)].map((text) => ({
      text,
      weight: text.length === 1 && kindOf(text) === "kanji" ? SINGLE : 1,
      pairs: kindOf(text) === "latin" || isThere(index, text) ? [] : pairsOf(text),
    }));
  }

  const pairsOf = (text) => Array.from({ length: text.length - 1 }, (_, i) => text.slice(i, i + 2));

  const isThere = (index, text) => index.sections.some((one) => one.all.includes(text));

  const isUnderstood = (index, text) => isThere(index, text) || index.synonyms.some(([key]) => key === text);

  // 本にある、漢字、片仮名、英数字のまとまり。
  const runsOf = (index) => (index.runs ??= new Set(index.sections.flatMap((one) => one.all.match(RUNS) ?? [])));

  // 本に無いまとまりを、本にあるまとまりに長いものから分ける。
  function known(index, run) {
    if (kindOf(run) === "latin" || isThere(index, run)) return [run];
    const runs = runsOf(index);
    const pieces = [];
    let rest = "";
    for (let at = 0; at < run.length; ) {
      let end = run.length;
      while (end - at > 1 && !runs.has(run.slice(at, end))) end--;
      if (end - at > 1) {
        pieces.push(run.slice(at, end));
        at = end;
      } else {
        rest += run[at++];
      }
    }
    return rest.length > 1 ? [...pieces, rest] : pieces;
  }

  // 本に無い語を、1字違いの本の語に直した読み方。短い語と漢字の語は、1字違えば別の語なので直さない。
  const mended = (index, reading) =>
    reading.replace(RUNS, (run) => {
      if (run.length < LONG_ENOUGH || !["latin", "katakana"].includes(kindOf(run))) return run;
      if (isUnderstood(index, run) || known(index, run).every((word) => isThere(index, word))) return run;
      return [...runsOf(index)].find((one) => one.length >= LONG_ENOUGH && isSlip(one, run)) ?? run;
    });

  // 1字足りない、多い、違う、または隣どうしが入れ替わっている。
  function isSlip(one, other) {
    let start = 0;
    while (start < one.length && one[start] === other[start]) start++;
    const [a, b] = [one.slice(start), other.slice(start)];
    const swapped = a.length > 1 && a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
    return swapped || a.slice(1) === b.slice(1) || a === b.slice(1) || a.slice(1) === b;
  }

  // key が、ほかの語の一部としてではなく、text の中にある場所。無ければ -1。
  function placeOf(text, key) {
    for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
      const [before, first, last, after] = [at - 1, at, at + key.length - 1, at + key.length].map(
        (i) => kindOf(text[i]),
      );
      if ((!first || before !== first) && (!last || after !== last)) return at;
    }
    return -1;
  }

  // 問いの読み方を並べる。1つめは打ったまま、続きは用語集の別名などを本の言葉に替えたもの。
  function readingsOf(index, query) {
    const typed = spaced(fold(query.normalize("NFKC")));
    const asked = typed.replace(ASIDE, "").trim() || typed;
    const readings = new Set([asked, typed, asked.replace(/(?<![a-z0-9_]) | (?![a-z0-9_])/g, "")]);
    if (isHiragana(asked)) {
      readings.add(asked.replace(/./g, (kana) => String.fromCharCode(kana.charCodeAt(0) + 0x60)));
    }
    for (const reading of [...readings]) readings.add(mended(index, reading));
    const literal = readings.size;
    let missing = false;
    const terms = new Map();
    for (const reading of [...readings]) {
      let rest = reading;
      let reworded = [reading];
      for (const [key, targets] of index.synonyms) {
        if (placeOf(rest, key) < 0) continue;
        rest = rest.replace(key, " ");
        missing ||= !isThere(index, key);
        reworded = reworded.flatMap((one) => [one, ...targets.map(({ word }) => one.replace(key, word))]).slice(0, MOST_READINGS);
        for (const { term } of targets) {
          const lengths = wordsOf(index, reading)
            .filter(({ text }) => key.includes(text) || isUnderstood(index, text))
            .map((one) => [one.text.length, one.weight]);
          const share = key.length / lengths.reduce((sum, [length, weight]) => sum + length * weight, 0);
          if (!term || share <= (terms.get(term)?.share ?? 0)) continue;
          const alone = Math.min(1, key.length / lengths.reduce((sum, [length]) => sum + length, 0));
          terms.set(term, { term, share, weight: TEACHES * alone ** 3 });
        }
      }
      for (const one of reworded) readings.add(one);
    }
    const weight = missing || wordsOf(index, asked).some(({ text }) => !isThere(index, text)) ? 1 : REWORDED;
    return { readings: [...readings].map((text, at) => ({ text, weight: at < literal ? 1 : weight })), terms: [...terms.values()] };
  }

  // ---- 数える ----

  // text の中の word の数。前後が同じ種類の文字に続く所は、別の語の一部とみて軽く数える。
  function count(text, word) {
    const kind = kindOf(word);
    const short = word.length < 3;
    const isWordLike = kind === "latin" || kind === "katakana";
    const [inner, longer] = !isWordLike ? [0.8, 0.9] : short ? [0, 0.3] : [0.35, kind === "latin" ? 0.5 : 0.7];
    let times = 0;
    let best = 0;
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
      const follows = kind && kindOf(text[at - 1]) === kind;
      const goesOn = kind && kindOf(text[at + word.length]) === kind;
      const found = follows ? inner : goesOn ? longer : 1;
      times += found;
      best = Math.max(best, found);
    }
    return { times, best };
  }

  // 言葉がどれだけ当てはまるか（bestは0から1）。まるごと無ければ、2字ずつのうち有るもの（半分以上の時）の割合の半分。
  function fit(text, word) {
    const whole = count(text, word.text);
    if (whole.times || word.pairs.length < 2) return whole;
    const share = word.pairs.filter((pair) => text.includes(pair)).length / word.pairs.length;
    return share < HALF ? whole : { times: 1, best: 0.5 * share };
  }

  const NOWHERE = { gained: 0, best: 0, own: 0 };

  function fits(section, word) {
    if (!word.pairs.length && !section.all.includes(word.text)) return NOWHERE;
    const [title, heading, body, code] = [section.page.folded, section.heading, section.body, section.code].map(
      (text) => fit(text, word),
    );
    const dense = (one) => one.best * (one.times / (one.times + section.slack));
    return {
      gained:
        FIELD.title * title.best + FIELD.heading * heading.best + FIELD.body * dense(body) + FIELD.code * dense(code),
      best: Math.max(title.best, heading.best, body.best, 0.8 * code.best),
      own: Math.max(heading.best, body.best, code.best),
    };
  }

  // 打った文がそのまま続いている所に足す重み。
  function phraseWeight(section, phrase) {
    if (phrase.length < 2) return 0;
    section.tight ??= [fold(section.title), section.body, section.code].map(tight);
    const [heading, body, code] = section.tight;
    if (heading === phrase) return SAME_HEADING + PHRASE.heading;
    if (heading.includes(phrase)) return PHRASE.heading;
    if (body.includes(phrase)) return PHRASE.body;
    return code.includes(phrase) ? PHRASE.code : 0;
  }

  // 読み方1つについて、すべての節に点を付け、scoresにある点より高ければ置き換える。
  function scoreSections(index, { text: reading, weight }, scores) {
    // 本のどこにも無い言葉は、節を比べる役に立たないので外す。
    const wanted = wordsOf(index, reading).map((word) => [word, index.sections.map((section) => fits(section, word))]);
    const there = wanted.filter(([, found]) => found.some(({ best }) => best > 0));
    if (!there.length) return;
    const [words, found] = [0, 1].map((column) => there.map((row) => row[column]));
    const rarity = words.map((word, at) => {
      const having = found[at].filter((one) => one.own > 0.3).length;
      return word.weight * Math.log(1 + (index.sections.length - having + 0.5) / (having + 0.5));
    });
    const full = rarity.reduce((sum, one) => sum + one, 0);
    const total = (value) => rarity.reduce((sum, one, at) => sum + one * value(at), 0);
    const onPage = new Map();
    index.sections.forEach(({ page }, number) => {
      const best = onPage.get(page) ?? words.map(() => 0);
      onPage.set(page, best.map((one, at) => Math.max(one, found[at][number].best)));
    });
    const phrase = reading.replaceAll(" ", "");
    index.sections.forEach((section, number) => {
      const covered = total((at) => found[at][number].best) / full;
      const nearby = total((at) => onPage.get(section.page)[at]) / full;
      if (covered < ENOUGH.section || nearby < ENOUGH.page) return;
      const gained = total((at) => found[at][number].gained);
      const cover = 0.7 * covered + 0.3 * nearby;
      const score = weight * section.share * (gained * cover + full * phraseWeight(section, phrase));
      if (!(scores[number]?.score >= score)) scores[number] = { section, score, full, words };
    });
  }

  // ---- 索引を開き、探す ----

  // 組み立てのデータ（tools/book/search.py）を、探せる形にする。
  function open(data) {
    const sections = data.pages.flatMap((page) => {
      const own = { url: page.url, title: page.title, folded: fold(page.title) };
      return page.sections.map(([id, heading, text, source]) => {
        const [body, code] = [fold(text), fold(source)];
        const name = own.title === heading ? "" : fold(heading);
        return {
          page: own, id, title: heading, text, source, heading: name, body, code,
          all: [own.folded, name, body, code].join(" "),
        };
      });
    });
    const average = sections.reduce((sum, one) => sum + one.body.length, 0) / sections.length;
    const sharing = new Map();
    for (const one of sections) sharing.set(one.title, (sharing.get(one.title) ?? 0) + 1);
    for (const one of sections) {
      one.slack = 0.5 + one.body.length / average;
      one.share = (sharing.get(one.title) < FRAME_PAGES ? 1 : FRAME) * (LISTS[one.page.url] ?? 1);
    }

    const synonyms = new Map();
    const add = (key, word, term) => {
      const folded = spaced(fold(key));
      if (folded) synonyms.set(folded, [...(synonyms.get(folded) ?? []), { word, term }]);
    };
    for (const term of data.terms) {
      for (const word of [term.name, ...term.words]) add(word, spaced(fold(term.name)), term);
    }
    for (const [typed, used] of data.synonyms) {
      add(typed, spaced(fold(used)), data.terms.find(({ name }) => name === used));
    }
    const longest = [...synonyms].sort(([one], [other]) => other.length - one.length);
    return { sections, synonyms: longest };
  }

  const isAt = ({ section }, address) => address === `${section.page.url}#${section.id}`;

  // 見つかったページを、よい順に返す。ページごとに、よい順の節が付く。
  function search(index, query) {
    const { readings, terms } = readingsOf(index, query);
    const scores = [];
    for (const reading of readings) scoreSections(index, reading, scores);
    const shown = terms.filter(({ share }) => share >= MAINLY).map(({ term }) => term);
    const pages = new Map();
    for (const hit of scores) {
      // 定義は用語の欄に出るので、用語集の同じ項目は結果に並べない。
      if (!hit || shown.some((term) => isAt(hit, term.url))) continue;
      for (const { term, weight } of terms) {
        if (isAt(hit, `${term.page}#${term.section}`)) hit.score += weight * hit.full;
      }
      const { page } = hit.section;
      if (!pages.has(page)) pages.set(page, { url: page.url, title: page.title, hits: [] });
      pages.get(page).hits.push(hit);
    }
    const found = [...pages.values()];
    for (const page of found) {
      page.hits.sort((one, other) => other.score - one.score);
      const [best, ...others] = page.hits;
      page.score = best.score + OTHERS * others.slice(0, 4).reduce((sum, one) => sum + one.score, 0);
    }
    found.sort((one, other) => other.score - one.score);
    return { terms: shown, pages: found };
  }

  // ---- 抜粋 ----

  // folded の中の、強調する範囲 [始め, 終わり, 言葉]。まるごとの言葉が無ければ、2字ずつ。
  function marks(folded, { words }) {
    const found = [];
    for (const word of words) {
      for (const one of folded.includes(word.text) ? [word.text] : word.pairs) {
        for (let at = folded.indexOf(one); at >= 0; at = folded.indexOf(one, at + 1)) {
          const kind = kindOf(one);
          const follows = kind === "latin" && kindOf(folded[at - 1]) === kind;
          if (!follows) found.push([at, at + one.length, word.text]);
        }
      }
    }
    return found.sort(([one], [other]) => one - other);
  }

  // 文の [始め, 終わり] を強調する印とともに切り出す。[{text, hit}] の並び。
  function highlight(text, hit, limit = Infinity) {
    const { folded, from } = foldEach(text);
    const ranges = marks(folded, hit);
    const spans = ranges.map(([start, end, word]) => [from[start], from[end], word]);
    let [first, last] = [0, text.length];
    if (text.length > limit) {
      let best = -1;
      for (const [start] of spans) {
        const inside = spans.filter(([one]) => one >= start && one < start + limit * 0.7);
        const value = new Set(inside.map(([, , word]) => word)).size * 10 + Math.min(inside.length, 9);
        if (value > best) [best, first] = [value, start];
      }
      const sentence = text.lastIndexOf("。", first - 1) + 1;
      first = first - sentence < limit * 0.4 ? sentence : first - Math.floor(limit * 0.2);
      first = Math.max(0, Math.min(first, text.length - limit));
      last = Math.min(text.length, first + limit);
    }
    const pieces = [];
    const put = (start, end, isHit) => {
      if (end > start) pieces.push({ text: text.slice(start, end), hit: isHit });
    };
    let at = first;
    for (const [start, end] of spans) {
      if (end <= at || start >= last) continue;
      put(at, Math.max(at, start), false);
      put(Math.max(at, start), Math.min(end, last), true);
      at = Math.min(end, last);
    }
    put(at, last, false);
    if (first > 0) pieces.unshift({ text: "…", hit: false });
    if (last < text.length) pieces.push({ text: "…", hit: false });
    return pieces;
  }

  // 節の中の、言葉のある所。
  function excerpt(hit) {
    const { section } = hit;
    const inBody = marks(section.body, hit).length > 0 || !marks(section.code, hit).length;
    return highlight(inBody ? section.text : section.source, hit, EXCERPT);
  }

  return { open, search, highlight, excerpt };
})();
