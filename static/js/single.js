// The single-file edition: one language at a time, narrowed by pillar and city. Without it, all is there to read.
document.documentElement.classList.add("js");
addEventListener("DOMContentLoaded", () => {
  const parts = [...document.querySelectorAll("[data-part]")];
  const narrow = part => {
    const [pillar, city] = ["pillar", "city"].map(name => part.querySelector(`[data-by=${name}]`).value);
    const province = part.querySelector("[data-province]").checked;
    let shown = 0;
    part.querySelectorAll("[data-entry]").forEach(entry => {
      const there = !city || entry.dataset.cities.split(" ").includes(city) || (province && entry.dataset.reach === "province");
      const fits = (!pillar || entry.dataset.pillar === pillar) && there;
      document.querySelectorAll(`[data-entry="${entry.dataset.entry}"], [data-toc="${entry.dataset.entry}"]`)
        .forEach(one => { if (part.contains(one)) one.hidden = !fits; });
      shown += fits;
    });
    part.querySelectorAll("[data-group]").forEach(group => { group.hidden = !group.querySelector("[data-entry]:not([hidden]), [data-toc]:not([hidden])"); });
    part.querySelector("[data-count]").textContent = shown;
    part.querySelector("[data-none]").hidden = shown > 0;
  };
  const show = code => {
    parts.forEach(part => { part.hidden = part.dataset.part !== code; });
    document.documentElement.lang = document.querySelector(`[data-part="${code}"]`).lang;
  };
  const follow = () => {
    const there = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const part = there && there.closest("[data-part]");
    show(part ? part.dataset.part : navigator.language.startsWith("zh") ? "zh-hans" : "en");
    if (there && part) there.scrollIntoView();
  };
  parts.forEach(part => part.querySelector("[data-filter]").addEventListener("change", () => narrow(part)));
  addEventListener("hashchange", follow);
  follow();
});
