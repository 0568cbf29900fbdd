"""The watchdog starts a look when a part goes silent or comes back, and not at every round."""

from ketenbalans.jobs.watching.watchdog import ASK_EVERY_SECONDS, LOOK_AGAIN_SECONDS, LOOK_SOON_AGAIN_SECONDS, Watchdog


class Rounds:
    """A watchdog whose looks do what a look does: say of each silent part that it is down; unless they fail."""

    def __init__(self) -> None:
        self.seconds, self.looks_fail = 0.0, False
        self.looks: list[float] = []
        self.said: set[str] = set()
        self.silent: set[str] = set()
        self.watchdog = Watchdog(self.look, clock=lambda: self.seconds)

    def look(self) -> None:
        self.looks.append(self.seconds)
        if not self.looks_fail:
            self.said = set(self.silent)

    def go_on(self, seconds: float, *silent: str) -> int:
        """Let so many seconds pass in which these parts are silent; gives how many looks that started."""
        self.silent, before = set(silent), len(self.looks)
        for _ in range(round(seconds / ASK_EVERY_SECONDS)):
            self.watchdog.round(self.silent, set(self.said))
            self.seconds += ASK_EVERY_SECONDS
        return len(self.looks) - before


def test_while_all_answers_nothing_is_started() -> None:
    assert Rounds().go_on(86_400) == 0


def test_one_question_in_vain_is_no_reason() -> None:
    rounds = Rounds()
    assert rounds.go_on(ASK_EVERY_SECONDS, "kafka") == 0
    assert rounds.go_on(600) == 0
    assert rounds.go_on(ASK_EVERY_SECONDS, "kafka") == 0


def test_a_part_that_stays_silent_is_looked_at_within_ten_seconds_and_when_it_is_back() -> None:
    rounds = Rounds()
    assert rounds.go_on(2 * ASK_EVERY_SECONDS, "kafka") == 1
    assert rounds.go_on(60, "kafka") == 0
    assert rounds.go_on(ASK_EVERY_SECONDS) == 1
    assert rounds.go_on(3600) == 0


def test_a_part_that_is_back_while_the_look_that_said_so_still_runs_is_looked_at_again() -> None:
    rounds = Rounds()
    rounds.go_on(ASK_EVERY_SECONDS, "kafka")
    rounds.go_on(ASK_EVERY_SECONDS, "kafka")  # the look runs, and says that it is down
    assert rounds.said == {"kafka"}
    assert rounds.go_on(ASK_EVERY_SECONDS) == 1
    assert rounds.said == set()


def test_while_a_part_is_down_it_looks_now_and_then() -> None:
    rounds = Rounds()
    rounds.go_on(10, "warehouse")
    assert rounds.go_on(3 * LOOK_AGAIN_SECONDS, "warehouse") == 3


def test_a_second_part_is_looked_at_at_once() -> None:
    rounds = Rounds()
    rounds.go_on(30, "kafka")
    assert rounds.go_on(2 * ASK_EVERY_SECONDS, "kafka", "warehouse") == 1


def test_a_look_that_fails_is_tried_again_later_and_not_at_every_round() -> None:
    rounds = Rounds()
    rounds.looks_fail = True
    assert rounds.go_on(LOOK_SOON_AGAIN_SECONDS, "airflow") == 1
    assert rounds.go_on(3 * LOOK_SOON_AGAIN_SECONDS, "airflow") == 3


def test_while_the_warehouse_is_away_nothing_is_started_for_what_stops_with_it() -> None:
    rounds = Rounds()
    rounds.go_on(10, "warehouse")
    rounds.said = {"warehouse"}
    assert rounds.go_on(LOOK_AGAIN_SECONDS - 20, "warehouse", "airflow") == 0
    assert rounds.go_on(ASK_EVERY_SECONDS, "airflow") == 1


def test_what_was_down_before_it_was_started_and_is_back_is_looked_at() -> None:
    rounds = Rounds()
    rounds.said = {"warehouse"}
    assert rounds.go_on(ASK_EVERY_SECONDS) == 1
