// The browse page of the offline edition: the same filter grammar as the site's, answered from the page itself.
addEventListener("DOMContentLoaded", () => {
  const $ = id => document.getElementById(id);
  const { facets, entries, stems, words } = JSON.parse($("offline-data").textContent);
  const form = $("filters"), list = document.querySelector(".results"), cards = [...list.children];
  const known = new Set(entries.flatMap(entry => entry.text.join("").split(" ")));
  const SORTS = ["number", "relevance", "updated", "title"];
  const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
  const element = (tag, text, attributes = {}) => {
    const made = Object.assign(document.createElement(tag), attributes);
    made.textContent = text;
    return made;
  };

  // Words as recommendations/tokens.py makes them; an English word that no text has is tried without its ending.
  const HAN = "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
  const TOKEN = new RegExp(`[${HAN}]+|(?:(?![${HAN}])[\\p{L}\\p{N}][\\u0300-\\u036f]*)+`, "gu");
  const isHan = new RegExp(`^[${HAN}]+$`, "u");
  const fold = text => text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "").normalize("NFC");
  const stem = word => {
    if (known.has(word) || stems[word]) return stems[word] ?? word;
    const cut = word.replace(/(?:ations?|ing|ments?|ness|ies|ied|ers?|ed|es|ly|s|e|y)$/, "");
    return [cut, `${cut}i`].find(found => known.has(found)) ?? word;
  };
  const tokens = text => [...new Set([...text.matchAll(TOKEN)].map(m => fold(m[0])).filter(Boolean)
    .map(w => isHan.test(w) ? w : ` ${stem(w)} `))].slice(0, 12);

  const read = () => {
    const given = new URLSearchParams(location.search), state = { chosen: {}, problems: [] };
    state.q = (given.get("q") ?? "").slice(0, 200).replace(/[\s\p{C}]+/gu, " ").trim();
    state.tokens = tokens(state.q);
    state.province = given.get("include") === "province";
    for (const facet of facets) {
      const all = [...new Set(given.getAll(facet.name))].filter(Boolean);
      state.chosen[facet.name] = all.filter(slug => slug in facet.values);
      for (const value of all.filter(slug => !(slug in facet.values)))
        state.problems.push(fill(words.unknown, { value, facet: facet.label }));
    }
    state.usual = state.tokens.length ? "relevance" : "number";
    const sort = given.get("sort") ?? "";
    state.sort = SORTS.includes(sort.replace(/^-/, "")) ? sort : state.usual;
    return state;
  };
  const address = (state, change = {}) => {
    const { q, chosen, province, sort, usual } = { ...state, ...change };
    const pairs = new URLSearchParams();
    if (q) pairs.append("q", q);
    for (const facet of facets) for (const slug of chosen[facet.name]) pairs.append(facet.name, slug);
    if (province) pairs.append("include", "province");
    if (sort !== usual) pairs.append("sort", sort);
    return `?${pairs}`;
  };

  const has = (entry, facet, slug, state) =>
    (state.province && facet.spatial && entry.province) || (entry.values[facet.name] ?? []).includes(slug);
  const score = (entry, token) => [9, 3, 1].find((_, i) => entry.text[i].includes(token)) ?? 0;
  const passes = (entry, state, without) =>
    (without === "q" || state.tokens.every(token => score(entry, token))) &&
    facets.every(facet => facet.name === without || !state.chosen[facet.name].length ||
      state.chosen[facet.name].some(slug => has(entry, facet, slug, state)));
  const order = state => {
    const back = state.sort[0] === "-", key = state.sort.replace("-", "");
    const worth = (e, i) => key === "number" ? i : key === "title" ? e.title_rank : key === "updated" ? e.updated_rank
      : -state.tokens.reduce((sum, token) => sum + score(e, token), 0);
    const ranks = entries.map(worth);
    return (a, b) => (back ? ranks[b] - ranks[a] : ranks[a] - ranks[b]) || a - b;
  };

  const chips = state => {
    const parts = state.q ? [[words.text, `“${state.q}”`, { q: "", tokens: [], sort: "number", usual: "number" }, "q"]] : [];
    for (const facet of facets) {
      const chosen = state.chosen[facet.name];
      for (const slug of chosen) parts.push([facet.label, facet.values[slug], { chosen: { ...state.chosen, [facet.name]:
        chosen.filter(other => other !== slug) } }, facet.name]);
      if (facet.spatial && state.province && chosen.length) parts.push([facet.label, words.province, { province: false }, ""]);
    }
    return parts;
  };
  const showChips = (state, parts) => {
    $("chips").hidden = !parts.length;
    $("chips").replaceChildren(...parts.map(([label, value, change]) => {
      const link = element("a", "", { href: address(state, change), className: "rm" }), text = element("span", "");
      text.append(element("b", label + words.colon), value);
      link.append(element("span", `${words.remove} `, { className: "vh" }), text);
      const item = element("li", "");
      item.append(link);
      return item;
    }));
    if (parts.length) {
      const item = element("li", "");
      item.append(element("a", words.clear, { href: "?", className: "hit sm" }));
      $("chips").append(item);
    }
  };
  const showFacets = state => {
    for (const facet of facets) {
      const among = entries.filter(entry => passes(entry, state, facet.name));
      const boxes = [...form.querySelectorAll(`input[name="${facet.name}"]`)];
      const counts = boxes.map(box => among.filter(entry => has(entry, facet, box.value, state)).length);
      boxes.forEach((box, i) => {
        box.checked = state.chosen[facet.name].includes(box.value);
        box.disabled = !counts[i] && !box.checked;
        const option = box.closest(".opt");
        option.querySelector(".n").textContent = counts[i];
        option.querySelector("svg").setAttribute("viewBox", `0 0 ${Math.max(1, ...counts)} 1`);
        option.querySelector("rect").setAttribute("width", counts[i]);
        if (box.checked) for (let up = box.closest("details"); up; up = up.parentElement.closest("details.fold:not(.facets)")) up.open = true;
      });
    }
  };
  const showNothing = (state, parts) => {
    $("ways").replaceChildren(...[...new Set(parts.map(part => part[3]))].filter(Boolean).map(name => {
      const chosen = parts.filter(part => part[3] === name), item = element("li", "");
      const change = name === "q" ? chosen[0][2] : { chosen: { ...state.chosen, [name]: [] } };
      const count = entries.filter(entry => passes(entry, state, name)).length;
      const text = fill(words.without, { facet: chosen[0][0], value: chosen.map(part => part[1]).join(words.comma) });
      item.append(element("a", text, { href: address(state, change) }), words.colon + count);
      return item;
    }));
  };

  const show = said => {
    const state = read(), parts = chips(state), compare = order(state);
    const found = entries.map((_, i) => i).filter(i => passes(entries[i], state)).sort(compare);
    list.replaceChildren(...found.map(i => cards[i]));
    $("q").value = state.q;
    $("f-include") && ($("f-include").checked = state.province);
    $("sort").value = state.sort;
    $("sort").querySelectorAll("[value$=relevance]").forEach(option => { option.disabled = !state.tokens.length; });
    $("count").querySelector("b").textContent = found.length;
    showChips(state, parts);
    showFacets(state);
    $("nothing").hidden = found.length > 0;
    if (!found.length) showNothing(state, parts);
    $("problems").hidden = !state.problems.length;
    $("problems").querySelector("ul").replaceChildren(...state.problems.map(line => element("li", line)));
    const twin = $("language");
    if (twin) twin.href = twin.getAttribute("href").split("?")[0] + (address(state) === "?" ? "" : address(state));
    if (said) $("announce").textContent = $("count").textContent.replace(/\s+/g, " ").trim();
  };
  const go = query => { history.pushState(null, "", query === "?" ? location.pathname : query); show(true); };

  const submit = () => {
    const data = new FormData(form), before = read(), state = { ...before, chosen: {}, q: data.get("q") ?? "" };
    for (const facet of facets) state.chosen[facet.name] = data.getAll(facet.name);
    state.province = data.has("include");
    state.usual = tokens(state.q).length ? "relevance" : "number";
    state.sort = before.sort === before.usual && $("sort").value === before.sort ? state.usual : $("sort").value;
    go(address(state));
  };
  form.addEventListener("submit", event => { event.preventDefault(); submit(); });
  $("browse").addEventListener("change", event => { if (event.target.name || event.target.id === "sort") submit(); });
  $("browse").addEventListener("click", event => {
    const link = event.target.closest("a[href^='?']");
    if (link) { event.preventDefault(); go(link.getAttribute("href")); $("count").focus(); }
  });
  addEventListener("popstate", () => show(true));
  show(false);
});
