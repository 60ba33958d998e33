"""LOBs in memory: what copies share, no write to one of them shows in another."""

from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.localdb.lobs import LobTable
from deploy.localdb.tns.buffer import Chunks
from deploy.localdb.tns.requests import LobOperation
from deploy.localdb.values import Lob

#: Lengths of what is written: nothing, little, and what makes a piece of its own.
LENGTHS = st.sampled_from([0, 1, 700, 32_767, 32_768, 40_000])
#: Which of the LOBs, what is done to it, with how many characters.
STEPS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(["append", "copy", "read", "set"]), LENGTHS),
    max_size=30,
)


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_each_copy_has_its_own_data(steps: list[tuple[int, str, int]]) -> None:
    lobs, expected = [Lob("")], [""]
    for step, (which, action, length) in enumerate(steps):
        number = which % len(lobs)
        text = chr(ord("a") + step % 26) * length
        match action:
            case "append":
                lobs[number].append(text)
                expected[number] += text
            case "copy":
                lobs.append(lobs[number].copy())
                expected.append(expected[number])
            case "read":
                assert lobs[number].data == expected[number]
            case _:
                lobs[number].data = text
                expected[number] = text

    assert [lob.length for lob in lobs] == [len(text) for text in expected]
    assert [lob.data for lob in lobs] == expected


def test_a_copy_is_temporary_and_of_the_same_kind() -> None:
    source = Lob(b"ab", temporary=False)
    copy = source.copy(national=True)
    copy.append(b"c")

    assert (copy.temporary, copy.national, copy.is_binary) == (True, True, True)
    assert (source.data, copy.data) == (b"ab", b"abc")


def test_writes_go_to_any_place() -> None:
    table = LobTable()
    lob = Lob("")
    locator = table.locator(lob).locator

    def write(offset: int, data: bytes) -> None:
        arrived = Chunks(data, [(place, place + 1) for place in range(len(data))])
        request = LobOperation("write", locator, offset=offset, data=arrived, encoding="utf-8")
        table.run(request, lambda: None)

    write(1, "añb".encode())
    write(2, b"n")
    write(6, b"end")
    write(9, "€".encode() * 200_000)

    assert lob.length == 200_008
    assert lob.data == "anb  end" + "€" * 200_000


def test_any_part_is_cut_out() -> None:
    lob = Lob("")
    for letter in "abc":
        lob.append(letter * 40_000)
    lob.append("end")
    whole = lob.copy().data

    for start, stop in [(0, 1), (39_999, 40_001), (5, 120_002), (120_000, 200_000), (120_003, 9)]:
        assert "".join(lob.cut(start, stop)) == whole[start:stop]
