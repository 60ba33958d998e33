import itertools

from deploy.localdb.session import free_number


def test_cursor_numbers_come_round_and_pass_over_those_in_use():
    numbers = itertools.count(65_533)
    taken = {65_535, 1}

    assert [free_number(numbers, taken) for _ in range(3)] == [65_534, 2, 3]
