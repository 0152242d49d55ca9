"""A look at a page in one state: axe's rules and pictures, narrow and wide, light and dark."""

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page, ViewportSize

from local.config import ROOT
from tests.browser.tally import Tally

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (320, 1280)
ZOOMED = ViewportSize(width=640, height=400)  # what 1280 by 800 leaves at 200 %
TALL = 4000
README = {
    "mail": ViewportSize(width=700, height=760),
    "wizard-form": ViewportSize(width=700, height=760),
    "portal-registration": ViewportSize(width=1000, height=760),
    "portal-m365": ViewportSize(width=1000, height=760),
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RUN = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations', 'incomplete']})"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Look:
    """Looks at pages, keeps the pictures, counts what it sees; `readme` is where the README's few are renewed."""

    folder: Path
    tally: Tally
    readme: Path | None = None

    def __call__(self, page: Page, name: str) -> None:
        """Fails when axe finds a violation or an open question of contrast, or when the page scrolls sideways.

        name: the page and its state, such as `wizard-refused-secret`; the pictures are named after it.
        """
        before = page.viewport_size
        faults: list[str] = []
        for width, scheme in product(WIDTHS, SCHEMES):
            page.set_viewport_size(ViewportSize(width=width, height=800))
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=self.folder / f"{name}-{width}-{scheme}.png", full_page=True, animations="disabled")
            self.tally.add("screenshots")
            where = f"{name}, {width} px, {scheme}"
            page.set_viewport_size(ViewportSize(width=width, height=TALL))  # what is scrolled away cannot be judged
            faults += [f"{where}: {fault}" for fault in examined(page)]
            if page.evaluate(OVERFLOW) > 0:
                faults.append(f"{where}: scrolls sideways by {page.evaluate(OVERFLOW)} px")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(ZOOMED)
        if page.evaluate(OVERFLOW) > 0:
            faults.append(f"{name}, at 200 %: scrolls sideways by {page.evaluate(OVERFLOW)} px")
        self._for_the_readme(page, name)
        if before:
            page.set_viewport_size(before)
        self.tally.add("looks")
        self.tally.add("violations", len(faults))
        assert not faults, "\n".join(faults)

    def _for_the_readme(self, page: Page, name: str) -> None:
        if self.readme is not None and name in README:
            page.set_viewport_size(README[name])
            page.mouse.move(0, 0)
            page.screenshot(path=self.readme / f"{name}.png", animations="disabled")


def examined(page: Page) -> list[str]:
    """What axe has against the page as it stands: each rule with the elements that break it.

    axe is evaluated by the debugger, not loaded by the page, so that the page's strict policy stays as it is.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    result: dict[str, Any] = page.evaluate(RUN, TAGS)
    open_questions = [rule for rule in result["incomplete"] if rule["id"] == "color-contrast"]
    return [
        f"{rule['id']}: {rule['help']}: {node['target']} {node.get('failureSummary') or ''}"
        for rule in [*result["violations"], *open_questions]
        for node in rule["nodes"]
    ]
