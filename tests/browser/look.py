"""What a browser can tell of a page by looking at it: one list of complaints for each question."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

AXE_OPTIONS: dict[str, Any] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}

#: More stops than any page has controls: a walk by keyboard that does not end is a trap.
MOST_STOPS = 400

HEAR_POLICY = """
addEventListener("securitypolicyviolation", e => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
"""

WIDE = """() => {
  const [is, has] = [document.documentElement.scrollWidth, document.documentElement.clientWidth];
  return is > has ? [`${is} px wide on a screen of ${has} px`] : [];
}"""

# A control is where it can be pressed: each line of a link that wraps is a box of its own. What scrolls in a frame
# of its own, or is there for screen readers only, is not on the page in this sense.
OVERLAP = """() => {
  const name = e => `<${e.tagName.toLowerCase()}> ${(e.textContent.trim() || e.name || e.id || "").slice(0, 40)}`;
  const unseen = e => !e.checkVisibility({visibilityProperty: true}) || e.closest(".vh, .skip");
  const boxes = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter(e => !unseen(e))
    .flatMap(e => [...e.getClientRects()].filter(r => r.width > 2 && r.height > 2).map(r => ({e, r})));
  boxes.sort((a, b) => a.r.top - b.r.top);
  const found = [];
  boxes.forEach((a, i) => {
    for (let j = i + 1; j < boxes.length && boxes[j].r.top < a.r.bottom - 1; j++) {
      const b = boxes[j];
      if (a.e === b.e || a.e.contains(b.e) || b.e.contains(a.e)) continue;
      const across = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
      const down = Math.min(a.r.bottom, b.r.bottom) - b.r.top;
      if (across > 2 && down > 4) found.push(`${name(a.e)} and ${name(b.e)} share ${across | 0} × ${down | 0} px`);
    }
  });
  return found;
}"""

HEADINGS = """() => {
  const levels = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter(h => h.checkVisibility()).map(h => Number(h.tagName[1]));
  const jumps = levels.filter((level, i) => i && level > levels[i - 1] + 1);
  return levels[0] === 1 && !jumps.length ? [] : [`headings go ${levels.join(" ")}`];
}"""

# A Latin word of a heading runs on one line; Chinese breaks anywhere.
BROKEN = """() => [...document.querySelectorAll("h1, h2")].filter(h => h.checkVisibility()).flatMap(h => {
  const texts = document.createTreeWalker(h, NodeFilter.SHOW_TEXT), range = document.createRange(), found = [];
  for (let node; (node = texts.nextNode());) for (const word of node.data.matchAll(/[A-Za-z]{2,}/g)) {
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    const lines = new Set([...range.getClientRects()].map(r => Math.round(r.top)));
    if (lines.size > 1) found.push(`“${word[0]}” is broken in two`);
  }
  return found;
})"""

MOVING = """() => [...document.querySelectorAll("*")].filter(e => {
  const s = getComputedStyle(e);
  return s.animationName !== "none" || s.transitionDuration.split(", ").some(d => parseFloat(d) > 0.01);
}).map(e => `<${e.tagName.toLowerCase()} class="${e.className}"> moves`)"""

FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return null;
  const r = e.getBoundingClientRect(), s = getComputedStyle(e), faults = [];
  const label = document.querySelector(`label[for="${CSS.escape(e.id || " ")}"]`);
  const shown = r.width && r.height ? r : label?.getBoundingClientRect() ?? r;
  if (!shown.width || !shown.height || !e.checkVisibility({opacityProperty: true, visibilityProperty: true}))
    faults.push("cannot be seen");
  if (shown.bottom <= 0 || shown.top >= innerHeight || shown.right <= 0 || shown.left >= innerWidth)
    faults.push("is off the screen");
  if (s.outlineStyle === "none" || parseFloat(s.outlineWidth) < 2) faults.push("has no outline");
  e.dataset.reached = "";
  return [faults, `<${e.tagName.toLowerCase()}> ${(e.textContent.trim() || e.name || e.id).slice(0, 40)}`];
}"""

# Of radio buttons in a group only one is a stop.
UNREACHED = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter(e => !("reached" in e.dataset) && !e.disabled && e.type !== "radio" && e.type !== "hidden")
  .filter(e => e.tabIndex >= 0 && e.checkVisibility({visibilityProperty: true}))
  .map(e => `<${e.tagName.toLowerCase()}> ${(e.textContent.trim() || e.name || e.id).slice(0, 40)} is not reached`)"""


def hear_policy(context: BrowserContext) -> None:
    """Have every page of ``context`` say on its console what its content security policy stopped."""
    context.add_init_script(HEAR_POLICY)


def layout(page: Page) -> list[str]:
    """What is too wide, lies over something else, or is headed out of order."""
    return [line for question in (WIDE, OVERLAP, HEADINGS) for line in page.evaluate(question)]


def words(page: Page) -> list[str]:
    """Words of headings that run over two lines."""
    return list(page.evaluate(BROKEN))


def axe(page: Page) -> list[str]:
    """What breaks a rule of WCAG 2.2 AA or of good practice."""
    violations = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    return [f"{found['id']}: {found['nodes'][0]['html'][:200]}" for found in violations]


def motion(page: Page) -> list[str]:
    """What moves."""
    return list(page.evaluate(MOVING))


def keyboard(page: Page) -> list[str]:
    """What Tab does not reach, or reaches without showing where it is."""
    found: list[str] = []
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            return found + page.evaluate(UNREACHED)
        faults, name = stop
        found += [f"{name} {fault}" for fault in faults]
    return [*found, f"{MOST_STOPS} stops and no end"]
