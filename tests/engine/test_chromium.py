"""A real browser loads the real site from each model: no error on its console, and the page names who served it."""

import re
from collections.abc import Iterator

import pytest

from engine.models import MODELS
from tests.engine.child import PROJECT
from tests.engine.chromium import PROGRAM, Chromium
from tests.engine.support import Engine

pytestmark = [
    pytest.mark.skipif(not PROGRAM, reason="the browser Chromium is not installed (Debian's package: chromium)"),
    pytest.mark.timeout(180),
    pytest.mark.quick_with("thread"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One browser for all models."""
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(scope="module")
def real(model: str) -> Iterator[Engine]:
    """An engine that serves the project's own site."""
    with Engine(model, PROJECT / "html_test") as engine:
        yield engine


def url(engine: Engine, path: str) -> str:
    host, port = engine.address
    return f"http://{host}:{port}{path}"


def once(look: str) -> str:
    """A script that waits until the expression `look` is true on the page, and gives its value."""
    return f"new Promise(done => {{ const ask = () => {look} ? done({look}) : setTimeout(ask, 20); ask(); }})"


def filled(identity: str) -> str:
    """A script that waits until the page's own script has written into an element, and gives its text."""
    return once(f"document.getElementById('{identity}').textContent.replace('…', '')")


def test_page_names_model_and_worker(real: Engine, browser: Chromium) -> None:
    kind = "thread" if MODELS[real.model].hands_over else MODELS[real.model].worker
    browser.open(url(real, "/"))
    assert browser.evaluate(filled("model")) == real.model
    assert re.fullmatch(rf"{kind}( \d+)?", browser.evaluate(filled("worker")))
    assert browser.problems == []


def test_every_picture_is_drawn(real: Engine, browser: Chromium) -> None:
    browser.open(url(real, "/"))
    drawn = browser.evaluate("[...document.images].map(image => image.complete && image.naturalWidth > 0)")
    assert drawn
    assert all(drawn)
    assert browser.problems == []


def test_second_page_marks_the_model_that_serves_it(real: Engine, browser: Chromium) -> None:
    browser.open(url(real, "/about.html"))
    assert browser.evaluate(once("document.querySelector('[aria-current=true]')?.id")) == real.model
    shown = browser.evaluate("[...document.querySelectorAll('article')].map(article => article.id)")
    assert shown == list(MODELS)
    assert browser.problems == []


def test_twelve_at_once_are_answered(real: Engine, browser: Chromium) -> None:
    browser.open(url(real, "/"))
    browser.evaluate(filled("model"))
    browser.evaluate('document.getElementById("ask").click()')
    assert browser.evaluate(filled("summary")).startswith("12 answers from")
    assert browser.evaluate('document.getElementById("answers").children.length') == 12
    assert browser.problems == []


def test_missing_is_readable(real: Engine, browser: Chromium) -> None:
    browser.open(url(real, "/about.html"))
    assert "没有相关资源" in browser.evaluate("fetch('/missing.html').then(reply => reply.text())")


def test_nothing_counts_as_failed(real: Engine, browser: Chromium) -> None:
    browser.open(url(real, "/"))
    browser.evaluate(filled("model"))
    browser.open("about:blank")
    assert real.settled(failed=0).requests > 0
    assert real.stderr() == ""
