// Optional. Every page reads and works without it.
const root = document.documentElement;
root.classList.add("js");
try { const t = localStorage.getItem("theme"); if (t) root.dataset.theme = t; } catch {}

// Browsers without ::details-content: open the filter panel on wide screens.
const openPanels = () => {
  if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 62em)").matches)
    document.querySelectorAll(".browse:not(.broad) .facets").forEach(d => { d.open = true; });
};
addEventListener("DOMContentLoaded", openPanels);

// A list of several pages is printed from the page that holds them all; the address is left as that of a view.
addEventListener("load", () => {
  if (location.hash !== "#print") return;
  history.replaceState(null, "", location.pathname + location.search);
  print();
});

addEventListener("click", e => {
  const b = e.target.closest("[data-theme-toggle],[data-copy],[data-print]");
  if (!b) {
    document.querySelectorAll("details.menu[open]").forEach(d => { if (!d.contains(e.target)) d.open = false; });
    return;
  }
  if ("copy" in b.dataset) {
    const source = document.getElementById(b.dataset.copy);
    const text = !source ? location.href : source.matches("pre") ? source.textContent : source.textContent.replace(/\s+/g, " ").trim();
    navigator.clipboard?.writeText(text).then(() => say(b.dataset.done ?? ""));
  } else if ("print" in b.dataset) print();
  else {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch {}
  }
});
addEventListener("keydown", e => {
  const menu = e.key === "Escape" && e.target.closest("details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  // An explanation that shows because the pointer or the focus is on its word goes away too, until either leaves.
  const word = e.key === "Escape" && document.querySelector(".glossed:hover, .glossed:focus-within");
  if (word) {
    word.classList.add("hushed");
    for (const leave of ["pointerleave", "focusout"])
      word.addEventListener(leave, () => word.classList.remove("hushed"), { once: true });
  }
});

// Long facets: type to narrow the list. The box is no part of the filter.
addEventListener("input", e => {
  if (!e.target.dataset?.narrow) return;
  const wanted = e.target.value.trim().toLowerCase();
  e.target.closest("fieldset").querySelectorAll("li").forEach(li => { li.hidden = !li.textContent.toLowerCase().includes(wanted); });
  if (wanted) document.getElementById(e.target.dataset.narrow).open = true;
});
addEventListener("change", e => { if (e.target.dataset?.narrow) e.stopPropagation(); }, true);
addEventListener("keydown", e => { if (e.key === "Enter" && e.target.dataset?.narrow) e.preventDefault(); });

const say = text => {
  const live = document.getElementById("announce");
  if (live && text) live.textContent = text;
};

// Facets through htmx: the address stays clean, what the reader opened or ticked to compare stays so, the new count is spoken.
// What is ticked while an answer is on its way is ticked again in the new form, and asked for then.
let opened = new Map(), late = new Map(), picked = [], focused = "";
addEventListener("change", e => {
  if (e.target.form?.matches("#filters.htmx-request")) late.set(e.target.id, e.target.checked);
}, true); // before htmx marks the form: the tick that asks is not late
addEventListener("htmx:configRequest", e => {
  const data = e.detail.formData;
  [...data.entries()].forEach(([name, value]) => { if (value === "") data.delete(name); });
});
addEventListener("htmx:beforeSwap", () => {
  focused = document.activeElement?.id ?? "";
  opened = new Map([...document.querySelectorAll("#browse details[id]")].map(d => [d.id, d.open]));
  picked = [...document.querySelectorAll("#browse .pick input:checked")].map(box => box.value);
});
addEventListener("htmx:afterSwap", () => {
  opened.forEach((open, id) => {
    const d = document.getElementById(id);
    if (d) d.open = open;
  });
  document.querySelectorAll("#browse .pick input").forEach(box => { box.checked = picked.includes(box.value); });
  openPanels();
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  say(document.getElementById("count")?.textContent.replace(/\s+/g, " ").trim());
});
addEventListener("htmx:afterSettle", () => {
  if (!late.size) return;
  late.forEach((checked, id) => {
    const box = document.getElementById(id);
    if (box) { box.disabled = false; box.checked = checked; }
  });
  late = new Map();
  htmx.trigger("#filters", "change");
});

// What the reader may be about to type, in the browser's own list under the search box.
let typing = 0;
addEventListener("input", e => {
  const box = e.target, url = box.dataset?.suggest;
  if (!url || e.inputType === "insertReplacementText" || !e.inputType) return; // one was chosen
  clearTimeout(typing);
  typing = setTimeout(async () => {
    const text = box.value;
    if (!text.trim()) return;
    const answer = await fetch(`${url}?q=${encodeURIComponent(text)}`).catch(() => null);
    if (!answer?.ok || box.value !== text) return;
    let list = document.getElementById("suggestions");
    if (!list) document.body.append(list = Object.assign(document.createElement("datalist"), { id: "suggestions" }));
    list.replaceChildren(...(await answer.json()).suggestions.map(s => Object.assign(document.createElement("option"), { value: s.text, label: s.kind, lang: s.lang })));
    box.setAttribute("list", "suggestions");
  }, 120);
});
