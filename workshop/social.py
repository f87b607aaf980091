"""
The pictures that go with a link to the site, drawn by a browser with the site's own stylesheet.

`python -m workshop.social` writes static/social/*.png anew. They show the mark, the name and a hue, and no figure: the
figures are the data's, and a picture in somebody's message is never brought up to date.
"""

from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

from workshop.environment import ROOT
from workshop.machine import find_browser
from workshop.processes import Refused, told_in_one_line

FOLDER = ROOT / "static" / "social"
SIZE: ViewportSize = {"width": 1200, "height": 630}  # pixels: what link previews expect
#: Name of the picture → hue of the pillar, as the stylesheet numbers them; the site's own has none.
PICTURES = {"site": "", **{f"pillar-{hue}": str(hue) for hue in range(1, 5)}}

STYLE = """
body { block-size: 630px; display: grid; grid-template-columns: 1fr 340px; border-block-start: 22px solid var(--band); }
main { display: grid; align-content: center; gap: 30px; padding-inline-start: 84px; }
h1 { font-size: 104px; letter-spacing: -.02em; line-height: 1.02; }
p { font: 400 34px/1.3 var(--sans); color: var(--ink-2); }
ul { display: flex; gap: 44px; font: 400 30px/1 var(--sans); } li { display: flex; gap: 14px; align-items: center; }
i { inline-size: 34px; block-size: 34px; border: 4px solid var(--band); border-radius: 4px; }
.s { background: var(--band); } .m { background: linear-gradient(to top, var(--band) 50%, transparent 0); }
.f { border-style: dashed; }
svg { inline-size: 300px; fill: var(--band); align-self: center; }
"""


def drawing(hue: str) -> str:
    """Return a page that shows one picture; `hue` is a pillar's number, or empty for the site's own."""
    mark = (ROOT / "templates" / "includes" / "_mark.html").read_text().partition("#}")[2]
    band = "var(--pf)" if hue else "var(--accent)"
    legend = "".join(
        f'<li><i class="{kind}"></i>{words}</li>'
        for kind, words in (("s", "stated 载明"), ("m", "implied 隐含"), ("f", "inferred 推断"))
    )
    stylesheet = (ROOT / "static" / "css" / "kb.css").read_text()
    return f"""<!doctype html><html lang="en"><style>{stylesheet}</style><style>{STYLE}</style>
      <body data-p="{hue}" style="--band: {band}"><main><h1>Guangdong 32</h1>
      <p>Modern services, recommendation by recommendation<br><span lang="zh-Hans">现代服务业建议逐条读</span></p>
      <ul>{legend}</ul></main>{mark}</body></html>"""


def main() -> None:
    """Draw every picture."""
    executable = find_browser()
    if not executable:
        raise Refused("the pictures are drawn by Chromium: install it, or set CHROMIUM to its path")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        for name, hue in PICTURES.items():
            page.set_content(drawing(hue))
            path: Path = FOLDER / f"{name}.png"
            page.screenshot(path=path)
            print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")
        browser.close()


if __name__ == "__main__":
    with told_in_one_line("social"):
        main()
