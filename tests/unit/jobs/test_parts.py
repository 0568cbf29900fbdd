"""A part is down when it was silent for longer than it may be away; a look asks on until that is sure."""

import time
from pathlib import Path

import pytest

import ketenbalans.jobs.watching.parts
from ketenbalans.jobs.watching.parts import asks_of, parts_that_are_down, remember_what_is_down
from ketenbalans.jobs.watching.parts_kept import parts_kept
from ketenbalans.settings import Settings
from ketenbalans.stack.asking import Ask
from tests.unit.alerts.looks import POLICY
from tests.unit.alerts.servers import free_port

AWAY_SECONDS = 0.4


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(ketenbalans.jobs.watching.parts, "ANSWERS_WITHIN_SECONDS", 0.05)
    return Settings(home=tmp_path / "home")


def down(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, *, seconds: float = AWAY_SECONDS, **asks: Ask
) -> list[str]:
    monkeypatch.setattr(
        ketenbalans.jobs.watching.parts, "asks_of", lambda _: {name: (f"{name}:1", ask) for name, ask in asks.items()}
    )
    policy = POLICY.model_copy(
        update={"part_may_be_away_seconds": seconds, "airflow_may_be_away_seconds": 2 * AWAY_SECONDS}
    )
    found = parts_that_are_down(settings, policy, sleep=lambda _: time.sleep(0.05))
    return [f"{part.name} {part.place} {','.join(part.pieces)}" for part in found]


def silent() -> list[str]:
    return ["it"]


def test_one_that_answers_is_not_down_and_costs_no_wait(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    assert down(settings, monkeypatch, seconds=100, kafka=list) == []
    assert time.monotonic() - began < 10


def test_one_that_stays_silent_is_down(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    assert down(settings, monkeypatch, kafka=silent, warehouse=list) == ["kafka kafka:1 it"]
    assert time.monotonic() - began >= AWAY_SECONDS


def test_airflow_is_not_waited_for_and_may_be_silent_for_longer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ailing() -> list[str]:
        return ["scheduler"]

    assert down(settings, monkeypatch, airflow=ailing) == []
    time.sleep(2 * AWAY_SECONDS)
    assert down(settings, monkeypatch, airflow=ailing) == ["airflow airflow:1 scheduler"]


def test_silence_from_before_an_up_or_down_proves_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def ailing() -> list[str]:
        return ["scheduler"]

    down(settings, monkeypatch, airflow=ailing)
    time.sleep(2 * AWAY_SECONDS)
    with parts_kept(settings.home) as kept:
        kept.note_change()
    assert down(settings, monkeypatch, airflow=ailing) == []


def test_one_that_is_back_in_time_is_not(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    back_at = time.monotonic() + AWAY_SECONDS / 2
    restarts = lambda: [] if time.monotonic() > back_at else ["it"]  # noqa: E731
    assert down(settings, monkeypatch, seconds=30, kafka=restarts) == []
    with parts_kept(settings.home) as kept:
        assert kept.of("kafka").since is None


def test_one_that_is_known_to_be_away_for_long_enough_is_not_waited_for_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = down(settings, monkeypatch, kafka=silent)
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it was waited for"))
    monkeypatch.setattr(ketenbalans.jobs.watching.parts, "ANSWERS_WITHIN_SECONDS", 0.0)
    assert down(settings, monkeypatch, kafka=silent) == first


def test_it_is_silent_since_its_last_answer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    down(settings, monkeypatch, kafka=list)
    with parts_kept(settings.home) as kept:
        answered_at = kept.of("kafka").answered_at
    monkeypatch.setattr(ketenbalans.jobs.watching.parts, "asks_of", lambda _: {"kafka": ("kafka:1", silent)})
    (part,) = parts_that_are_down(settings, POLICY.model_copy(update={"part_may_be_away_seconds": 0}))
    assert part.since == answered_at
    remember_what_is_down(settings, [part])
    with parts_kept(settings.home) as kept:
        assert kept.of("kafka").is_down
    remember_what_is_down(settings, [])
    with parts_kept(settings.home) as kept:
        assert not kept.of("kafka").is_down


def test_servers_of_the_settings_are_asked_and_shown_without_a_password(tmp_path: Path) -> None:
    url = f"postgresql://u:secret@127.0.0.1:{free_port()}/d"
    settings = Settings(home=tmp_path, kafka_bootstrap=f"127.0.0.1:{free_port()}", warehouse_url=url)
    asks = asks_of(settings)
    assert list(asks) == ["kafka", "warehouse"]
    assert "secret" not in str([place for place, _ in asks.values()])
    assert {name: ask() for name, (_, ask) in asks.items()} == {"kafka": ["kafka"], "warehouse": ["warehouse"]}


def test_what_was_never_started_or_was_stopped_is_not_asked(tmp_path: Path) -> None:
    assert asks_of(Settings(home=tmp_path)) == {}
