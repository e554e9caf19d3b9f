from uuid import UUID

from apps.core.ids import new_id
from apps.discussion.words import kept, mentioned_in, pieces_of, plain

ADA, ANN, ANNA = new_id(), new_id(), new_id()
PEOPLE: dict[UUID, str] = {ADA: "Ada Lindqvist", ANN: "Ann", ANNA: "Anna"}


def test_a_name_is_kept_as_a_person_and_the_longer_name_wins() -> None:
    assert kept("@Anna and @Ann, see @Ada Lindqvist.", PEOPLE) == f"@[{ANNA}] and @[{ANN}], see @[{ADA}]."
    assert kept("@Annabel is nobody here", PEOPLE) == "@Annabel is nobody here"


def test_only_people_who_can_read_count_as_mentioned() -> None:
    text = f"@[{ADA}] @[{new_id()}] @[{ADA}]"
    assert mentioned_in(text, PEOPLE) == [ADA]


def test_a_reader_sees_their_names_for_people() -> None:
    text = f"Ask @[{ADA}],\nplease"
    assert [piece.text for piece in pieces_of(text, {ADA: "Person 3F"})] == ["Ask ", "@Person 3F", ",\nplease"]
    assert plain(text, {}) == "Ask @somebody, please"
