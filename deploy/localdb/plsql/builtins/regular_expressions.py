"""Oracle's regular expressions as those of the package `regex`. Pure.

That one's searches can be given a time, after which they end with TimeoutError, and leave the
interpreter to other threads meanwhile.

Source: SQL Language Reference 19c, Appendix D, Oracle Regular Expression Support.
"""

from __future__ import annotations

import functools
import re

import regex

from deploy.localdb.errors import OraError

#: POSIX classes as what stands inside Python's brackets.
_CLASSES = {
    "alpha": "^\\W\\d_",
    "digit": "0-9",
    "alnum": "^\\W_",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e",
    "xdigit": "0-9A-Fa-f",
}
#: Classes that stand beside others in one pair of brackets cannot be negations.
_PLAIN_CLASSES = _CLASSES | {"alpha": "A-Za-z\\u00c0-\\u024f", "alnum": "0-9A-Za-z\\u00c0-\\u024f"}
_FLAGS = {"i": regex.IGNORECASE, "n": regex.DOTALL, "m": regex.MULTILINE, "x": regex.VERBOSE}
#: Any other brace stands for itself.
_REPETITION = re.compile(r"\{(?:\d+(?:,\d*)?|,\d+)\}")


@functools.lru_cache(maxsize=512)
def compile_pattern(pattern: str, match_parameter: str | None = None) -> regex.Pattern[str]:
    """A pattern with Oracle's match parameter.

    Raises:
        OraError: 12726 to 12733 for a wrong pattern, 1760 for a wrong parameter.
    """
    flags = regex.V0
    for letter in match_parameter or "":
        if letter == "c":
            flags &= ~regex.IGNORECASE
        elif letter in _FLAGS:
            flags |= _FLAGS[letter]
        else:
            raise OraError(1760, "illegal argument for function")
    try:
        return regex.compile(_translate(pattern, multiline="m" in (match_parameter or "")), flags)
    except regex.error as error:
        raise _error(error) from None


def _error(error: regex.error) -> OraError:
    text = str(error)
    if "bracket" in text or "character set" in text:
        return OraError(12726, "unmatched bracket in regular expression")
    if "parenthes" in text or "missing )" in text:
        return OraError(12725, "unmatched parentheses in regular expression")
    if "range" in text:
        return OraError(12728, "invalid range in regular expression")
    if "group reference" in text:
        return OraError(12727, "invalid back reference in regular expression")
    return OraError(12733, "regular expression too long")


def _translate(pattern: str, *, multiline: bool) -> str:
    out: list[str] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "[":
            text, position = _bracket(pattern, position)
            out.append(text)
            continue
        if char == "\\" and position + 1 < len(pattern):
            out.append(_escape(pattern[position + 1]))
            position += 2
            continue
        if char == "$" and not multiline:
            out.append(r"(?![\s\S])")  # Python's would also match before a last newline
            position += 1
            continue
        if char == "{":
            repetition = _REPETITION.match(pattern, position)
            out.append(repetition[0] if repetition else r"\{")
            position += len(repetition[0]) if repetition else 1
            continue
        if char == "(" and pattern.startswith("(?", position):
            raise OraError(12725, "unmatched parentheses in regular expression")
        out.append(char)
        position += 1
    return "".join(out)


def _escape(char: str) -> str:
    if char in "dDwWsSAzZ" or char.isdigit():
        return {"z": r"\Z", "Z": r"(?=\n?\Z)"}.get(char, "\\" + char)
    return re.escape(char)


def _bracket(pattern: str, start: int) -> tuple[str, int]:
    """A bracket expression from its '[', and where it ends."""
    position = start + 1
    negated = pattern.startswith("^", position)
    position += negated
    items: list[tuple[bool, str]] = []  # is it a class, and its text
    first = True
    while True:
        if position >= len(pattern):
            raise OraError(12726, "unmatched bracket in regular expression")
        char = pattern[position]
        if char == "]" and not first:
            position += 1
            break
        first = False
        name = re.match(r"\[:(\w+):\]", pattern[position:])
        if name is not None:
            if name[1] not in _CLASSES:
                raise OraError(12729, "invalid character class in regular expression")
            items.append((True, name[1]))
            position += name.end()
            continue
        symbol = re.match(r"\[([.=])(.+?)\1\]", pattern[position:])
        if symbol is not None:
            items.append((False, re.escape(symbol[2])))
            position += symbol.end()
            continue
        escaped = "\\" + char if char in "\\[]^&~|" else char
        items.append((False, escaped))
        position += 1
    if len(items) == 1 and items[0][0]:
        inside = _CLASSES[items[0][1]]
        if inside.startswith("^"):
            return (f"[{inside[1:]}]" if negated else f"[{inside}]"), position
        return f"[{'^' if negated else ''}{inside}]", position
    inside = "".join(_PLAIN_CLASSES[text] if is_class else text for is_class, text in items)
    return f"[{'^' if negated else ''}{inside}]", position


@functools.lru_cache(maxsize=512)
def replacement_parts(replacement: str) -> tuple[str | int, ...]:
    r"""The replacement in pieces; a number stands for \1 to \9."""
    pieces = re.split(r"\\([1-9\\])", replacement)
    return tuple(
        piece if not number % 2 else "\\" if piece == "\\" else int(piece)
        for number, piece in enumerate(pieces)
        if piece
    )


def expand_replacement(match: regex.Match[str], replacement: str) -> str:
    r"""The replacement with \1 to \9 filled in."""
    groups = match.re.groups
    return "".join(
        [
            part if isinstance(part, str) else ((match[part] or "") if part <= groups else "")
            for part in replacement_parts(replacement)
        ]
    )
