"""STANDARD's functions on text and RAW, without NULL and conversions: those are in `standard`. Pure.

Source: SQL Language Reference 19c, Functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins.regular_expressions import compile_pattern, expand_replacement


def substr(text: str, position: int, length: int | None = None) -> str:
    if length is not None and length < 1:
        return ""
    start = position - 1 if position > 0 else 0 if position == 0 else len(text) + position
    if start < 0 or start >= len(text):
        return ""
    return text[start:] if length is None else text[start : start + length]


def substr_bytes(text: str, position: int, length: int | None = None) -> str:
    """SUBSTRB: characters that the cut would split become blanks."""
    data = text.encode()
    if length is not None and length < 1:
        return ""
    start = position - 1 if position > 0 else 0 if position == 0 else len(data) + position
    if start < 0 or start >= len(data):
        return ""
    end = len(data) if length is None else min(len(data), start + length)
    part = data[start:end]
    lead = 0
    while lead < len(part) and 0x80 <= part[lead] < 0xC0:
        lead += 1
    text = part[lead:].decode(errors="ignore")
    return " " * lead + text + " " * (len(part) - lead - len(text.encode()))


def instr(text: str, part: str, position: int = 1, occurrence: int = 1) -> int:
    if occurrence < 1:
        raise OraError(1428, f"argument '{occurrence}' is out of range")
    if position == 0 or not part:
        return 0
    if position > 0:
        found = position - 2
        for _ in range(occurrence):
            found = text.find(part, found + 1)
            if found < 0:
                return 0
        return found + 1
    end = len(text) + position
    found = end + 1
    for _ in range(occurrence):
        if found <= 0:
            return 0
        found = text.rfind(part, 0, found - 1 + len(part))
        if found < 0:
            return 0
    return found + 1


def initcap(text: str) -> str:
    out = []
    inside = False
    for char in text:
        out.append(char.lower() if inside else char.upper())
        inside = char.isalnum()
    return "".join(out)


def pad(text: str, length: int, filler: str, *, left: bool) -> str:
    if length < 1 or not filler:
        return ""
    missing = length - len(text)
    if missing <= 0:
        return text[:length]
    fill = (filler * (missing // len(filler) + 1))[:missing]
    return fill + text if left else text + fill


def translate(text: str, old: str, new: str) -> str:
    table: dict[int, str | None] = {}
    for number, char in enumerate(old):
        table.setdefault(ord(char), new[number] if number < len(new) else None)
    return text.translate(table)


_SOUNDEX = {
    letter: digit
    for letters, digit in (
        ("BFPV", "1"),
        ("CGJKQSXZ", "2"),
        ("DT", "3"),
        ("L", "4"),
        ("MN", "5"),
        ("R", "6"),
    )
    for letter in letters
}


def soundex(text: str) -> str:
    letters = [c for c in text.upper() if "A" <= c <= "Z"]
    if not letters:
        return ""
    code = letters[0]
    last = _SOUNDEX.get(letters[0], "")
    for letter in letters[1:]:
        digit = _SOUNDEX.get(letter, "")
        if digit and digit != last:
            code += digit
        if letter not in "HW":
            last = digit
    return code[:4].ljust(4, "0")


def unhex(text: str) -> bytes:
    """HEXTORAW.

    Raises:
        OraError: 1465.
    """
    try:
        return bytes.fromhex("0" * (len(text) % 2) + text) if " " not in text else _invalid_hex()
    except ValueError:
        return _invalid_hex()


def _invalid_hex() -> bytes:
    raise OraError(1465, "invalid hex number")


def character(code: int) -> str:
    """CHR in an AL32UTF8 database: the bytes of a character as one number."""
    if code < 0 or code > 0xFFFFFFFF:
        raise OraError(1428, f"argument '{code}' is out of range")
    data = code.to_bytes(max(1, (code.bit_length() + 7) // 8), "big")
    return data.decode(errors="replace")


def unistr(text: str) -> str:
    r"""UNISTR: \0041 as the UTF-16 unit it names, \\ as a backslash."""
    units = bytearray()
    position = 0
    while position < len(text):
        if text.startswith("\\\\", position):
            units += "\\".encode("utf-16-be")
            position += 2
        elif text[position] == "\\":
            digits = text[position + 1 : position + 5]
            if len(digits) < 4 or any(c not in "0123456789abcdefABCDEF" for c in digits):
                raise OraError(
                    30186, "'\\' must be followed by four hexadecimal characters or another '\\'"
                )
            units += int(digits, 16).to_bytes(2, "big")
            position += 5
        else:
            units += text[position].encode("utf-16-be")
            position += 1
    return units.decode("utf-16-be", errors="replace")


def asciistr(text: str) -> str:
    units = text.encode("utf-16-be")
    out = []
    for number in range(0, len(units), 2):
        code = int.from_bytes(units[number : number + 2], "big")
        out.append(chr(code) if code < 0x80 and code != 0x5C else f"\\{code:04X}")
    return "".join(out)


# ---- regular expressions ----


@dataclass(frozen=True)
class Effort:
    """How a regular expression is looked for; TimeoutError where it takes longer.

    Attributes:
        seconds: of the processor.
        on_thread: other threads go on meanwhile.
    """

    seconds: float
    on_thread: bool = False


def regexp_like(text: str, pattern: str, parameter: str | None, *, effort: Effort) -> bool:
    return _search(compile_pattern(pattern, parameter), text, 1, effort) is not None


def _search(
    pattern: regex.Pattern[str], text: str, position: int, effort: Effort
) -> regex.Match[str] | None:
    return pattern.search(text, position - 1, timeout=effort.seconds, concurrent=effort.on_thread)


def _matches(
    pattern: regex.Pattern[str], text: str, position: int, effort: Effort
) -> Iterator[regex.Match[str]]:
    return pattern.finditer(text, position - 1, timeout=effort.seconds, concurrent=effort.on_thread)


def regexp_substr(
    text: str,
    pattern: str,
    position: int,
    occurrence: int,
    parameter: str | None,
    group: int,
    *,
    effort: Effort,
) -> str | None:
    compiled = compile_pattern(pattern, parameter)
    _check_position(position, occurrence)
    for number, match in enumerate(_matches(compiled, text, position, effort), 1):
        if number == occurrence:
            return match[group] if group <= compiled.groups else None
    return None


def regexp_instr(
    text: str,
    pattern: str,
    position: int,
    occurrence: int,
    return_option: int,
    parameter: str | None,
    group: int,
    *,
    effort: Effort,
) -> int:
    compiled = compile_pattern(pattern, parameter)
    _check_position(position, occurrence)
    if return_option not in (0, 1):
        raise OraError(1428, f"argument '{return_option}' is out of range")
    for number, match in enumerate(_matches(compiled, text, position, effort), 1):
        if number == occurrence:
            if group > compiled.groups or match.start(group) < 0:
                return 0
            return (match.end(group) if return_option else match.start(group)) + 1
    return 0


def regexp_count(
    text: str, pattern: str, position: int, parameter: str | None, *, effort: Effort
) -> int:
    _check_position(position, 1)
    return sum(1 for _ in _matches(compile_pattern(pattern, parameter), text, position, effort))


def regexp_replace(
    text: str,
    pattern: str,
    replacement: str,
    position: int,
    occurrence: int,
    parameter: str | None,
    *,
    effort: Effort,
) -> str:
    compiled = compile_pattern(pattern, parameter)
    _check_position(position, max(occurrence, 1))
    out = [text[: position - 1]]
    last = position - 1
    for number, match in enumerate(_matches(compiled, text, position, effort), 1):
        if occurrence in (0, number):
            out += [text[last : match.start()], expand_replacement(match, replacement)]
            last = match.end()
        if number == occurrence:
            break
    return "".join([*out, text[last:]])


def _check_position(position: int, occurrence: int) -> None:
    for argument in (position, occurrence):
        if argument < 1:
            raise OraError(1428, f"argument '{argument}' is out of range")
