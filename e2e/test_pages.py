"""Every page in Chromium: both languages, light and dark, wide and narrow. Pages are found by following links."""

import re
import shutil

import pytest

from browser import FOCUS, Watch, chromium, faults_of, links, shape, sign_in
from lib import HERE, OUT

LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
WIDTHS = {1280: 800, 390: 844}
EACH_KIND = 2
MOST_PAGES = 60
SHOTS = OUT / "pages"
STARTS = ["/", "/sign-in"]
# Without these the console would have lost a page, whatever links say.
EXPECTED = ["/", "/sign-in", "/jobs", "/jobs/ID", "/compute", "/datasets", "/datasets/ORG/NAME", "/models", "/models/ORG/NAME",
            "/leaderboard", "/ledger", "/ledger/ID", "/charges/ID", "/vouchers", "/policies/model-voucher",
            "/services", "/services/residency", "/cases", "/cases/ID"]


def may_visit(path):
    return not re.search(r"^/(assets|api|v1|sign-out|dev)\b|/live$|/resolve/|[?&](lang|cursor)=", path)


@pytest.fixture(scope="module")
def pages(server, token):
    """Addresses of pages, a few of each kind, from a walk over the operator's and the start-up's consoles."""
    found, kinds = [], {}
    for secret in (server.token("operator"), token):
        with chromium(locale="en-GB") as context:
            page = context.new_page()
            sign_in(page, server, secret)
            waiting = list(STARTS)
            while waiting and len(found) < MOST_PAGES:
                path = waiting.pop(0)
                kind = kinds.setdefault(shape(path), [])
                if path in kind or len(kind) >= EACH_KIND or not may_visit(path):
                    continue
                reply = page.goto(server.url + path)
                if "text/html" in reply.headers.get("content-type", "") and reply.status == 200:
                    kind.append(path)
                    found.append(path)
                    waiting += links(page, server)
    print(f"{len(found)} pages: {' '.join(found)}")
    return found


def test_the_console_has_all_its_pages(pages):
    missing = set(EXPECTED) - {shape(path) for path in pages}
    assert not missing, f"no link leads to {sorted(missing)}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_sound(server, pages, width, language, scheme):
    folder = SHOTS / f"{language}-{scheme}-{width}"
    shutil.rmtree(folder, ignore_errors=True)
    size = {"width": width, "height": WIDTHS[width]}
    faults = {}
    with chromium(locale=LANGUAGES[language], color_scheme=scheme, viewport=size) as context:
        sign_in(context.new_page(), server, server.token("operator"))
        for path in pages:
            page = context.new_page()
            watch = Watch(page)
            page.goto(server.url + path, wait_until="load")
            page.wait_for_timeout(50)  # late scripts may still fail
            found = faults_of(page, watch, width, language)
            if found:
                faults[path] = found
            name = path.strip("/").replace("/", "-").split("?")[0] or "home"
            page.screenshot(path=folder / f"{name}.png", full_page=True)
            page.close()
    assert not faults, "\n".join(f"{path}: {'; '.join(found)}" for path, found in faults.items())


def test_the_keyboard_reaches_everything_and_shows_where_it_is(server, pages):
    unseen = []
    with chromium(locale="en-GB", viewport={"width": 1280, "height": 800}) as context:
        sign_in(context.new_page(), server, server.token("operator"))
        for path in pages:
            page = context.new_page()
            page.goto(server.url + path)
            for _ in range(12):
                page.keyboard.press("Tab")
                focus = page.evaluate(FOCUS)
                if focus and not focus["visible"]:
                    unseen.append(f"{path}: {focus['name']}")
            page.close()
    assert not unseen, "\n".join(sorted(set(unseen)))


def test_titles_tell_kinds_of_pages_apart(server, pages):
    titles = {}
    with chromium(locale="en-GB") as context:
        page = context.new_page()
        sign_in(page, server, server.token("operator"))
        for path in pages:
            page.goto(server.url + path)
            titles.setdefault(page.title(), set()).add(shape(path))
    shared = {title: kinds for title, kinds in titles.items() if len(kinds) > 1 and "/sign-in" not in kinds}
    assert not shared


def test_pages_work_without_javascript(server, pages):
    faults = []
    with chromium(locale="zh-CN", java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, server, server.token("operator"))
        for path in pages:
            reply = page.goto(server.url + path)
            body = page.locator("main").inner_text() if page.locator("main").count() else ""
            if reply.status != 200 or not page.locator("h1").is_visible() or len(body) < 10:
                faults.append(path)
    assert not faults, faults


def test_the_picture_for_the_readme(server):
    target = HERE.parent / "docs" / "console.png"
    with chromium(locale="en-GB", viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        sign_in(page, server, server.token("operator"))
        page.goto(server.url + "/")
        picture = page.screenshot(path=OUT / "console.png")
    assert len(picture) > 20_000
    if not target.exists():
        shutil.copyfile(OUT / "console.png", target)
