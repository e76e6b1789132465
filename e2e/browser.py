"""Debian's Chromium under Playwright, and what is asked of every page."""

import contextlib
import pathlib
import re
import tempfile

from playwright.sync_api import sync_playwright

from lib import chromium_path

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
PAGE_BYTES = 200_000
CONTRAST = (pathlib.Path(__file__).parent / "contrast.js").read_text()
FOCUS = (pathlib.Path(__file__).parent / "focus.js").read_text()


@contextlib.contextmanager
def chromium(**options):
    """A browser with a fresh profile; `options` as Playwright's contexts take them."""
    path = chromium_path()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=path, headless=True, args=FLAGS, **options
        )
        try:
            yield context
        finally:
            context.close()


def sign_in(page, server, token):
    page.goto(f"{server.url}/sign-in")
    page.locator("input[name=token]").fill(token)
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


class Watch:
    """Hears what goes wrong on a page, and how many bytes it fetches."""

    def __init__(self, page):
        self.faults, self.bytes = [], 0
        page.on("console", lambda message: self.fault(message.type == "error", f"console: {message.text}"))
        page.on("pageerror", lambda error: self.fault(True, f"script: {error}"))
        page.on("requestfailed", lambda request: self.fault(self.counts(request), f"failed: {request.url} {request.failure}"))
        page.on("requestfinished", self.finished)

    def fault(self, happened, text):
        if happened:
            self.faults.append(text)

    @staticmethod
    def counts(request):
        # A live view that the next page interrupts is no fault.
        return "ERR_ABORTED" not in (request.failure or "")

    def finished(self, request):
        response = request.response()
        if response is None:
            return
        self.fault(response.status >= 400, f"status {response.status}: {request.url}")
        sizes = request.sizes()
        self.bytes += sizes["responseBodySize"] + sizes["responseHeadersSize"]


def links(page, server):
    """Addresses of this site that the page links to, without those that change something."""
    found = page.eval_on_selector_all("a[href]", "all => all.map(a => new URL(a.getAttribute('href'), location.href).href)")
    local = (url.split("#")[0] for url in found if url.startswith(server.url + "/"))
    return [url[len(server.url):] for url in local]


def shape(path):
    """The path with what varies taken out, so that a few of each kind of page are seen."""
    path = path.split("?")[0]
    path = re.sub(r"[a-z]+_[0-9a-hjkmnp-tv-z]{26}", "ID", path)
    path = re.sub(r"[0-9a-f]{40,64}", "HASH", path)
    return re.sub(r"^/(datasets|models)/[^/]+/[^/]+", r"/\1/ORG/NAME", path)


def faults_of(page, watch, width, language):
    """What is wrong with the page as it stands."""
    faults = list(watch.faults)
    if watch.bytes > PAGE_BYTES:
        faults.append(f"weighs {watch.bytes} bytes")
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        faults.append(f"is {wide} px wide on a screen of {width}")
    heading = page.locator("h1")
    if heading.count() != 1 or not heading.first.is_visible():
        faults.append(f"has {heading.count()} visible h1")
    if not page.title().strip():
        faults.append("has no title")
    if not (page.get_attribute("html", "lang") or "").startswith(language):
        faults.append(f"has the language {page.get_attribute('html', 'lang')}")
    return faults + [f"contrast {text}" for text in page.evaluate(CONTRAST)]
