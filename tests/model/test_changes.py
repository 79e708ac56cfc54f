from feddns.model.changes import Batch, Create, Delete, Fence, Replace
from tests.builders import a_claim, answer


def test_a_batch_tells_what_goes_and_what_comes_the_claim_first() -> None:
    (kept,), (other,), (gone,), (new,) = answer(1), answer(1, "192.0.2.9"), answer(2), answer(3)
    batch = Batch((Delete(gone), Replace(kept, other), Create(new)), Fence(a_claim(seq=7), a_claim(seq=8)))
    assert batch.going == (a_claim(seq=7), gone, kept)
    assert batch.coming == (a_claim(seq=8), other, new)


def test_a_claim_that_is_not_there_yet_or_given_up_is_on_neither_side() -> None:
    assert Batch((), Fence(None, None)).going == Batch((), Fence(None, None)).coming == ()
