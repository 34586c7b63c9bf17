"""Who is given up, and when, as the ingress's connections come and go."""

from ingress.http.connections import PATIENCE_S, Connections, Phase


class Client:
    def __init__(self) -> None:
        self.given_up: list[tuple[Phase, bool]] = []

    def give_up(self, phase: Phase, *, late: bool) -> None:
        self.given_up.append((phase, late))


class Place:
    def __init__(self, **limits: int) -> None:
        self.now = 0.0
        self.reasons: list[str] = []
        self.connections = Connections(self.reasons.append, clock=lambda: self.now, **limits)

    def client(self, phase: Phase = Phase.IDLE, held_bytes: int = 0) -> Client:
        client = Client()
        self.connections.opened(client)
        self.connections.moved(client, phase, held_bytes)
        self.now += 0.001
        return client


def test_each_phase_has_its_patience_however_many_bytes_come_meanwhile() -> None:
    for phase, patience_s in PATIENCE_S.items():
        place = Place()
        client = place.client(phase)
        place.now = patience_s - 0.1
        place.connections.moved(client, phase, held_bytes=1)
        place.connections.give_up_late()
        assert client.given_up == []
        place.now = patience_s + 0.1
        place.connections.give_up_late()
        assert client.given_up == [(phase, True)]
        assert len(place.connections) == 0


def test_one_that_is_being_answered_is_never_late() -> None:
    place = Place()
    client = place.client(Phase.ANSWERING)
    place.now = 1e6
    place.connections.give_up_late()
    assert client.given_up == []


def test_an_idle_connection_that_ends_is_no_refusal() -> None:
    place = Place()
    place.client()
    place.client(Phase.HEAD)
    place.now = 100
    place.connections.give_up_late()
    assert place.reasons == ["late in head"]


def test_at_the_limit_the_oldest_unfinished_makes_room() -> None:
    place = Place(most=4)
    answering = place.client(Phase.ANSWERING)
    old = [place.client(phase) for phase in (Phase.SENDING, Phase.HEAD, Phase.IDLE)]
    young = [place.client(Phase.BODY) for _ in range(2)]
    assert place.connections.trim()
    assert [len(client.given_up) for client in (answering, *old, *young)] == [0, 1, 1, 0, 0, 0]
    assert place.reasons == ["too many connections"] * 2


def test_one_that_begins_another_request_is_young_again() -> None:
    place = Place(most=1)
    first, second = place.client(Phase.HEAD), place.client(Phase.HEAD)
    for phase in (Phase.ANSWERING, Phase.IDLE):
        place.connections.moved(first, phase)
    place.connections.trim()
    assert (first.given_up, second.given_up) == ([], [(Phase.HEAD, False)])


def test_where_all_are_being_answered_there_is_no_room_and_nobody_is_given_up() -> None:
    place = Place(most=2)
    clients = [place.client(Phase.ANSWERING) for _ in range(2)]
    assert not place.connections.trim()
    place.connections.moved(clients[0], Phase.IDLE)
    assert place.connections.trim()
    assert [client.given_up for client in clients] == [[], []]


def test_the_oldest_unfinished_body_goes_where_all_together_are_too_large() -> None:
    place = Place(held_bytes=100)
    clients = [place.client(Phase.BODY, held_bytes=40) for _ in range(2)]
    place.connections.moved(clients[1], Phase.BODY, held_bytes=60)
    assert place.connections.trim()
    assert place.reasons == []
    clients.append(place.client(Phase.BODY, held_bytes=1))
    place.connections.trim()
    assert [len(client.given_up) for client in clients] == [1, 0, 0]


def test_what_is_closed_or_done_holds_nothing_any_more() -> None:
    place = Place(held_bytes=100)
    for _ in range(10):
        done, gone = place.client(Phase.BODY, 50), place.client(Phase.BODY, 50)
        place.connections.moved(done, Phase.ANSWERING)
        place.connections.closed(gone)
        place.connections.closed(gone)
        place.connections.moved(gone, Phase.BODY, 50)  # its last bytes, too late
    assert len(place.connections) == 10
    place.client(Phase.BODY, 100)
    assert place.connections.trim()
    assert place.reasons == []
