import pytest

from feddns.errors import Unavailable
from feddns.model.endpoint import Endpoint
from feddns.nameserver.endpoints import bind
from feddns.nameserver.listeners import Listeners
from tests.answers.asking import a_query, a_set, told
from tests.nameserver.serving import a_dispatch, tcp, udp

WWW = a_set("www", "A", "192.0.2.1")


async def test_every_address_answers_by_udp_and_tcp_and_can_be_listened_on_again_afterwards() -> None:
    wanted = [Endpoint.parse(text) for text in ("127.0.0.1:0", "127.0.0.2:0", "[::1]:0")]
    listeners = Listeners(a_dispatch(WWW), wanted)
    for _ in range(2):
        async with listeners:
            assert [endpoint.host for endpoint in listeners.endpoints] == ["127.0.0.1", "127.0.0.2", "::1"]
            for endpoint in listeners.endpoints:
                for ask in (udp, tcp):
                    assert told((await ask(endpoint, a_query("www"))).answer)
            before = listeners.endpoints
        assert listeners.endpoints == ()
        wanted[:] = before


async def test_where_one_address_cannot_be_had_none_is_listened_on() -> None:
    taken = bind(Endpoint.parse("127.0.0.1:0"))
    with taken.udp, taken.tcp:
        free = bind(Endpoint.parse("127.0.0.1:0"))
        free.udp.close()
        free.tcp.close()
        listeners = Listeners(a_dispatch(), [free.endpoint, taken.endpoint])
        with pytest.raises(Unavailable):
            async with listeners:
                pass
        again = bind(free.endpoint)
        again.udp.close()
        again.tcp.close()
