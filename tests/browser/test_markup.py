import pytest

from tests.browser.markup import faults

PAGE = '<!DOCTYPE html><html lang="fr-CA"><head><title>T</title></head><body><main><h1>T</h1>{}</main></body></html>'


def test_a_valid_page_has_no_fault():
    body = """
        <p id="a">Un <em>mot</em> <a href="#a">lié</a></p>
        <dl><div><dt>a</dt><dd><p>b</p></dd></div></dl>
        <label for="f">F</label><input id="f" aria-describedby="a">
        <table><caption>c</caption><tbody><tr><th scope="row">x</th></tr></tbody></table>
        <details><summary><h2>s</h2></summary><p>x</p></details>
        <svg viewBox="0 0 1 1"><a href="/x"><title>t</title><path d="M0 0"/></a></svg>
    """

    assert faults(PAGE.format(body)) == []


@pytest.mark.parametrize(
    "body",
    [
        "<p><div>bloc</div></p>",
        "<span><div>bloc</div></span>",
        "<ul><a href='/'>a</a></ul>",
        "<ul></ul>",
        "<dl><p>p</p></dl>",
        "<a href='/'><button>b</button></a>",
        "<p id='a'></p><p id='a'></p>",
        "<label for='nulle-part'>a</label>",
        "<p aria-labelledby='nulle-part'>a</p>",
        "<a href='#nulle-part'>a</a>",
        "<a href=''>a</a>",
        "<p style='color: red'>a</p>",
        "<p onclick='x()'>a</p>",
        "<script>x()</script>",
        "<img src='/x.png'>",
        "<h2></h2>",
        "<h1>encore</h1>",
        "<center>a</center>",
        "<p class='a' class='b'>a</p>",
        "<p>a & b &truc; <</p>",
        "<div>jamais fermé",
        "<svg><g translate='no'></g></svg>",
        "</section>",
    ],
)
def test_a_fault_is_found(body):
    assert faults(PAGE.format(body))
