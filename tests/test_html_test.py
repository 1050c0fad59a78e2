"""The example site: whole, small, drawn from nowhere but its own folder, and at one with the table of models."""

import json
import re
import struct
import urllib.request
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from engine.listing import listed
from engine.models import MODELS, families
from tests.engine.chromium import PROGRAM, Chromium
from tests.engine.support import Engine

SITE = Path(__file__).parents[1] / "html_test"
PAGES = sorted(page.name for page in SITE.glob("*.html"))


class Reader(HTMLParser):
    """Notes what a page points to, and how its elements nest."""

    EMPTY = ("meta", "link", "img", "br", "input")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed((SITE / page).read_text("utf-8"))
        assert self._open == [], f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        self.targets += [value for name in ("href", "src") if (value := attributes.get(name))]
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag


@pytest.mark.parametrize("page", PAGES)
def test_page_points_only_to_what_is_there(page: str) -> None:
    targets = Reader(page).targets
    assert targets
    for target in targets:
        if target == "data:,":  # an icon of nothing: phones get one page alone
            continue
        assert (SITE / (target.lstrip("/") or "index.html")).is_file(), target


@pytest.mark.parametrize("page", PAGES)
def test_page_is_described_for_who_does_not_see_it(page: str) -> None:
    elements = Reader(page).elements
    assert dict(elements)["html"]["lang"] == "en"
    assert [tag for tag, _ in elements].count("h1") == 1
    assert all("alt" in attributes for tag, attributes in elements if tag == "img")
    assert any(attributes.get("lang") == "zh" for _, attributes in elements)


@pytest.mark.parametrize("page", PAGES)
def test_page_has_an_icon_so_that_no_browser_asks_for_another(page: str) -> None:
    assert any(attributes.get("rel") == "icon" for _, attributes in Reader(page).elements)


def test_nothing_comes_from_elsewhere() -> None:
    for file in SITE.iterdir():
        if file.suffix != ".png":
            outside = re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"']*", file.read_text("utf-8"))
            assert set(outside) <= {"http://www.w3.org/2000/svg"}, file.name


def test_sizes_suit_a_phone_and_a_benchmark() -> None:
    assert 600 <= (SITE / "index.html").stat().st_size <= 2000
    assert sum(file.stat().st_size for file in SITE.iterdir()) < 60_000


def test_picture_is_a_png_of_the_size_that_the_page_says() -> None:
    [picture] = SITE.glob("*.png")
    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    [shown] = [a for tag, a in Reader("index.html").elements if tag == "img" and a["src"] == picture.name]
    assert struct.unpack(">II", head[16:]) == (int(shown["width"] or 0), int(shown["height"] or 0))


def test_no_model_is_named_but_in_the_table() -> None:
    for file in SITE.iterdir():
        if file.suffix != ".png":
            text = file.read_text("utf-8")
            assert not [model.key for model in MODELS.values() if f'"{model.key}"' in text], file.name
            assert not [model.title for model in MODELS.values() if f">{model.title}<" in text], file.name


def test_each_family_has_its_place_on_the_page() -> None:
    told = [a["data-family"] for _, a in Reader("about.html").elements if "data-family" in a]
    assert told == list(families())


def test_the_server_tells_the_table_of_models(address: str) -> None:
    with urllib.request.urlopen(f"{address}/models.json") as reply:
        assert reply.headers["Content-Type"] == "application/json"
        assert json.load(reply) == {"models": listed()}


def test_a_file_of_the_folder_comes_before_the_table(tmp_path: Path) -> None:
    (tmp_path / "models.json").write_text("mine")
    with (
        Engine("thread", tmp_path) as engine,
        urllib.request.urlopen(f"http://127.0.0.1:{engine.ready.port}/models.json") as reply,
    ):
        assert reply.read() == b"mine"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where a real engine serves the site."""
    with Engine("thread", SITE) as engine:
        yield f"http://127.0.0.1:{engine.ready.port}"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A real browser."""
    if not PROGRAM:
        pytest.skip("the browser Chromium is not installed (Debian's package: chromium)")
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def test_page_tells_how_long_each_of_its_parts_took(address: str, browser: Chromium) -> None:
    browser.open(address)
    parts = browser.evaluate("""new Promise(done => {
        const rows = () => [...document.querySelectorAll("#parts li")].map(row => row.innerText);
        const look = () => rows().length ? done(rows()) : setTimeout(look, 20);
        look();
    })""")
    told = {name: size for part in parts for name, size in re.findall(r"^(\S+)\s+([\d.]+ k?B)\s+[\d.]+ ms$", part)}
    assert set(told) == {"index.html", "style.css", "script.js", "logo.svg", "crowd.png"}
    assert told["logo.svg"] == f"{(SITE / 'logo.svg').stat().st_size} B"


def test_page_lists_the_models_and_marks_the_one_that_serves(address: str, browser: Chromium) -> None:
    browser.open(f"{address}/about.html")
    cards = browser.evaluate("""new Promise(done => {
        const look = () => {
            const serving = document.querySelector("article[aria-current]");
            if (!serving) return setTimeout(look, 20);
            const cards = [...document.querySelectorAll("article")];
            done(cards.map(card => [
                card.id, card.querySelector("h2").textContent, card.querySelector(".line").textContent,
                card.style.getPropertyValue("--model"), card === serving, card.parentElement.dataset.family,
            ]));
        };
        look();
    })""")
    assert cards == [
        [model.key, model.title, f"{model.idea}.", model.colour, model.key == "thread", model.family]
        for model in MODELS.values()
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("button", "event"), [("large", "pointerdown"), ("drip", "click"), ("ask", "click")])
def test_a_phone_that_is_refused_reads_why(address: str, browser: Chromium, button: str, event: str) -> None:
    browser.open(f"{address}/phone.html")
    said = browser.evaluate(f"""(async () => {{
        const text = () => document.getElementById("said").innerText;
        const until = async (is) => {{ while (!is()) await new Promise(go => setTimeout(go, 20)); }};
        await until(() => text().startsWith("404"));  // it asks once by itself
        window.fetch = async () => new Response("wait a second", {{ status: 429 }});
        document.getElementById("{button}").dispatchEvent(new Event("{event}", {{ cancelable: true }}));
        await until(() => !text().startsWith("404") && !text().startsWith("…"));
        return text();
    }})()""")
    assert said == "429\nwait a second"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [320, *(pytest.param(each, marks=pytest.mark.slow) for each in (390, 800, 1600))])
def test_page_fits_any_width(address: str, browser: Chromium, page: str, width: int) -> None:
    """Also with the longest model's name in large type."""
    browser.open(address)
    spread = browser.evaluate(f"""new Promise(done => {{
        const frame = document.createElement("iframe");
        frame.style.width = "{width}px";
        frame.style.border = 0;
        frame.onload = () => setTimeout(() => {{
            const inside = frame.contentDocument;
            const model = inside.getElementById("model");
            if (model) model.textContent = "nonblocking";
            done(inside.documentElement.scrollWidth);
        }});
        frame.src = "/{page}";
        document.body.append(frame);
    }})""")
    assert spread <= width
