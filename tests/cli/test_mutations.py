"""However a scenario is damaged, it is fine or refused in sentences: nothing raises."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.cli.check import command as check
from playground.session import scenarios

SOURCES = [scenarios.find(name).read_text(encoding="utf-8") for name in scenarios.names()]
SCRAPS = st.sampled_from(
    ["", " ", "\n", '"', "'", "[", "]]", "{", "}", "=", ",", ".", "#", "\\", "\x1b[31m", "\x00",
     "é", "0", "99999", "-1", "1e9", "true", "nan", "*", ">", "p1", "a9", "m1", "agreement",
     "[[step]]", "[end]", "deliver", "ask", "n=(1,p1)", "1979-05-27", '"""', "inf"]
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A shipped scenario with up to three pieces replaced by others."""
    text = draw(st.sampled_from(SOURCES))
    for _ in range(draw(st.integers(1, 3))):
        words = re.split(r"(\W)", text)
        start = draw(st.integers(0, len(words) - 1))
        end = draw(st.integers(start, min(len(words), start + 4)))
        scrap = draw(SCRAPS | st.text(max_size=3) | st.sampled_from(words))
        text = "".join([*words[:start], scrap, *words[end:]])
    return text


@given(damaged())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_check_never_raises(tmp_path: Path, text: str) -> None:
    path = tmp_path / "damaged.toml"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        status = check([str(path)])
    lines = said.getvalue().splitlines()
    assert (status, len(lines)) in ((0, 0), (2, 1))
    assert "\x1b" not in said.getvalue()
