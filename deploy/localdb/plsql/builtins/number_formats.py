"""Numbers to text and back, with and without Oracle's number format models. Pure.

Source: SQL Language Reference 19c, Format Models, "Number Format Models"; TO_CHAR (number) and
TO_NUMBER; error texts: Database Error Messages 19c.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TypeAlias

from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins.nls import DEFAULT, Nls
from deploy.localdb.values import NUMBER_CONTEXT

Number: TypeAlias = "int | Decimal | float"

#: Wide enough for the fraction digits of any model.
_WIDE = NUMBER_CONTEXT.copy()
_WIDE.prec = 130

#: The longest text of a number without a model.
_TEXT_DIGITS = 40


def as_number(value: Decimal) -> int | Decimal:
    """A NUMBER as `values` has them: int where integral."""
    value = NUMBER_CONTEXT.plus(value)
    return int(value) if value == value.to_integral_value() else value.normalize(NUMBER_CONTEXT)


# ---- without a model ----


def number_text(value: Number, nls: Nls = DEFAULT) -> str:
    """TO_CHAR(n): the shortest text that says all, no zero before the decimal character."""
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, int) and -(10**_TEXT_DIGITS) < value < 10**_TEXT_DIGITS:
        return str(value)
    number = _stored(NUMBER_CONTEXT.create_decimal(value))
    if not number:
        return "0"
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    point = len(text) + exponent  # where the decimal character stands among the digits
    if point >= len(text):
        plain = text + "0" * exponent
    elif point > 0:
        plain = f"{text[:point]}.{text[point:]}"
    else:
        plain = "." + "0" * -point + text
    if len(plain.replace(".", "")) > _TEXT_DIGITS:
        return _scientific(number)
    return ("-" if sign else "") + plain.replace(".", nls.numeric_characters[0])


def _stored(number: Decimal) -> Decimal:
    """The number as a NUMBER keeps it: 20 digits to the base 100, aligned at the decimal point."""
    if not number:
        return number
    lowest = 2 * (number.adjusted() // 2 - 19)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    if exponent < lowest:
        number = number.quantize(Decimal(1).scaleb(lowest), ROUND_HALF_UP, NUMBER_CONTEXT)
    return number.normalize(NUMBER_CONTEXT)


def _scientific(number: Decimal) -> str:
    """Mantissa filled up to 40 characters, then E+nn."""
    exponent = number.adjusted()
    tail = f"E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    digits = _TEXT_DIGITS - len(tail) - 2
    mantissa = number.copy_abs().scaleb(-exponent, NUMBER_CONTEXT)
    rounded = mantissa.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, NUMBER_CONTEXT)
    return f"{'-' if number < 0 else ''}{rounded}{tail}"


def _float_text(value: float) -> str:
    """BINARY_DOUBLE: 1.5E+000, Inf, Nan."""
    if value != value:
        return "Nan"
    if value in (float("inf"), float("-inf")):
        return "Inf" if value > 0 else "-Inf"
    if value == 0:
        return "0"
    short = f"{Decimal(repr(value)).normalize():E}" if value else "0"
    mantissa, _, exponent = short.partition("E")
    if "." not in mantissa:
        mantissa += ".0"
    return f"{mantissa}E{exponent[0]}{int(exponent[1:]):03d}"


_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([Ee][+-]?\d+)?\s*")


def parse_number(text: str, nls: Nls = DEFAULT) -> int | Decimal:
    """TO_NUMBER(text), and every conversion from text to a number.

    Raises:
        OraError: 1722.
    """
    decimal_character = nls.numeric_characters[0]
    plain = text if decimal_character == "." else text.replace(decimal_character, ".")
    if _NUMBER.fullmatch(plain) is None:
        raise OraError(1722, "invalid number")
    try:
        return as_number(NUMBER_CONTEXT.create_decimal(plain.strip()))
    except InvalidOperation:
        raise OraError(1426, "numeric overflow") from None


# ---- models ----


@dataclass(frozen=True)
class Model:
    """A number format model.

    whole: the elements 0, 9, group separators and so on before the decimal character; fraction:
    those behind it.
    """

    whole: str = ""
    fraction: str = ""
    has_point: bool = False
    fill: bool = True
    blank_zero: bool = False
    #: $, L, C or U, after _ where it stands behind the number.
    currency: str = ""
    #: S_ before, _S behind, MI or PR.
    sign: str = ""
    scientific: bool = False
    #: Of V: by how many digits the number is shifted.
    scale: int = 0
    #: RN or rn.
    roman: str = ""
    #: The X's, with the zeros before them.
    hexadecimal: str = ""
    #: TM9 or TME.
    text_minimum: str = ""

    @property
    def whole_digits(self) -> int:
        return sum(self.whole.count(c) for c in "09")


_ALLOWED = re.compile(r"(FM)?(?P<body>.*)", re.IGNORECASE)


@functools.lru_cache(maxsize=256)
def parse_number_model(model: str) -> Model:
    """Take a model apart.

    Raises:
        OraError: 1481.
    """
    match = _ALLOWED.fullmatch(model.strip())
    invalid = OraError(1481, "invalid number format model")
    if match is None:
        raise invalid
    body = match["body"]
    fill = match[1] is None
    upper = body.upper()
    if upper in ("TM", "TM9", "TME"):
        return Model(fill=fill, text_minimum="TME" if upper == "TME" else "TM9")
    if upper == "RN":
        return Model(fill=fill, roman=body)
    if re.fullmatch(r"0*X+", upper):
        return Model(fill=fill, hexadecimal=body)
    return _parse_digits(upper, fill, invalid)


_DIGITS_MODEL = re.compile(
    r"(?P<lead>S)?(?P<prefix>[LCU$B]*)(?P<whole>[09,G$BLCU]*)(?P<point>[.D])?"
    r"(?P<fraction>[09$B]*)(?P<scale>V[09]+)?(?P<scientific>EEEE)?(?P<currency>[LCU])?"
    r"(?P<sign>S|MI|PR)?(?P<late>[LCU])?"
)


def _parse_digits(body: str, fill: bool, invalid: OraError) -> Model:
    match = _DIGITS_MODEL.fullmatch(body)
    if match is None or (match["lead"] and match["sign"]):
        raise invalid
    symbols = match["prefix"] + match["whole"] + match["fraction"]
    symbols += (match["currency"] or "") + (match["late"] or "")
    marks = [c for c in symbols if c in "LCU$"]
    if len(marks) > 1 or symbols.count("B") > 1:
        raise invalid
    whole = re.sub("[$BLCU]", "", match["whole"])
    fraction = re.sub("[$B]", "", match["fraction"])
    scale = (match["scale"] or "V")[1:]
    if whole.startswith((",", "G")) or (not whole and not fraction and not scale):
        raise invalid
    if match["scale"] and match["point"]:
        raise invalid
    suffix_currency = bool(match["currency"] or match["late"]) and not match["prefix"]
    currency = marks[0] if marks else ""
    return Model(
        whole=whole + scale,
        fraction=fraction,
        has_point=bool(match["point"]),
        fill=fill,
        blank_zero="B" in symbols,
        currency=("_" if suffix_currency else "") + currency,
        sign="S_" if match["lead"] else {"S": "_S"}.get(match["sign"] or "", match["sign"] or ""),
        scientific=bool(match["scientific"]),
        scale=len(scale),
    )


# ---- to text ----


def format_number(value: Number, model: str | None = None, nls: Nls = DEFAULT) -> str:
    """TO_CHAR of a number.

    Raises:
        OraError: 1481 for a wrong model.
    """
    if model is None:
        return number_text(value, nls)
    parsed = parse_number_model(model)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return "#" * (len(model) + 1)
        number = Decimal(repr(value))
    else:
        number = Decimal(value)
    if parsed.text_minimum:
        return _text_minimum(number, parsed)
    if parsed.roman:
        return _roman(number, parsed)
    if parsed.hexadecimal:
        return _hexadecimal(number, parsed)
    if parsed.scientific:
        return _format_scientific(number, parsed, nls)
    return _format_digits(number, parsed, nls)


def _text_minimum(number: Decimal, model: Model) -> str:
    if model.text_minimum == "TM9":
        text = number_text(as_number(number))
        if "E" not in text and len(text) <= 64:
            return text
    if not number:
        return "0E+00"
    exponent = number.adjusted()
    mantissa = format(number.scaleb(-exponent, NUMBER_CONTEXT).normalize(NUMBER_CONTEXT), "f")
    return f"{mantissa}E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


_ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


def _roman(number: Decimal, model: Model) -> str:
    rest = int(number.to_integral_value(ROUND_HALF_UP))
    if not 1 <= rest <= 3999:
        return "#" * 15
    text = ""
    for size, letters in _ROMAN:
        count, rest = divmod(rest, size)
        text += letters * count
    if model.roman[0].islower():
        text = text.lower()
    return text.rjust(15) if model.fill else text


def _hexadecimal(number: Decimal, model: Model) -> str:
    pattern = model.hexadecimal
    whole = int(number.to_integral_value(ROUND_HALF_UP))
    text = f"{whole:X}" if whole >= 0 else ""
    width = len(pattern)
    if whole < 0 or len(text) > width:
        return "#" * (width + 1)
    if pattern[-1].islower():
        text = text.lower()
    if pattern[0] == "0":
        text = text.zfill(width)
    return text.rjust(width + 1) if model.fill else text


def _format_scientific(number: Decimal, model: Model, nls: Nls) -> str:
    exponent = number.adjusted() if number else 0
    places = Decimal(1).scaleb(-len(model.fraction))
    mantissa = (
        number.copy_abs().scaleb(-exponent, NUMBER_CONTEXT).quantize(places, ROUND_HALF_UP, _WIDE)
    )
    if mantissa >= 10:
        exponent += 1
        mantissa = (mantissa / 10).quantize(places, ROUND_HALF_UP)
    text = f"{mantissa}".replace(".", nls.numeric_characters[0])
    if model.has_point and not model.fraction:
        text += nls.numeric_characters[0]
    text += f"E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    width = len("9") + model.has_point + len(model.fraction) + 4
    return _with_sign(text, number < 0, model, max(width, len(text)))


def _format_digits(number: Decimal, model: Model, nls: Nls) -> str:
    if model.scale:
        number = number.scaleb(model.scale)
    if model.fraction or number != number.to_integral_value():
        places = Decimal(1).scaleb(-len(model.fraction))
        number = number.quantize(places, ROUND_HALF_UP, _WIDE)
    negative = number < 0
    digits, _, decimals = format(number.copy_abs(), "f").partition(".")
    if digits == "0":
        digits = ""
    if len(digits) > model.whole_digits:
        return "#" * _width(model, nls)
    whole = _group(digits, model, nls)
    if model.blank_zero and not number:
        return " " * _width(model, nls) if model.fill else ""
    text = whole
    if model.has_point:
        decimals = decimals.ljust(len(model.fraction), "0")
        if not model.fill:
            keep = model.fraction.rfind("0") + 1
            decimals = decimals[:keep] + decimals[keep:].rstrip("0")
        if not model.fill and not whole and not decimals:
            text = "0"
        text += nls.numeric_characters[0] + decimals
    currency = {"$": "$", "L": nls.currency, "C": nls.iso_currency, "U": nls.dual_currency}
    mark = currency.get(model.currency[-1:], "")
    text = text + mark if model.currency.startswith("_") else mark + text
    return _with_sign(text, negative, model, _width(model, nls) - 1)


def _width(model: Model, nls: Nls) -> int:
    width = len(model.whole) + model.has_point + len(model.fraction)
    width += {"": 0, "$": 1, "L": 10, "C": 7, "U": 10}[model.currency[-1:]]
    return width + (2 if model.sign == "PR" else 1)


def _group(digits: str, model: Model, nls: Nls) -> str:
    """The digits under the elements of the model, from the right; without blanks before."""
    out: list[str] = []
    rest = list(digits)
    first_zero = model.whole.find("0")
    for position in range(len(model.whole) - 1, -1, -1):
        char = model.whole[position]
        wanted = bool(rest) or -1 < first_zero <= position
        if char in ",G":
            if bool(rest) or -1 < first_zero < position:
                out.append(nls.numeric_characters[1])
        elif rest:
            out.append(rest.pop())
        elif wanted:
            out.append("0")
    if not out and not model.has_point:
        return "0" if model.whole else ""
    return "".join(reversed(out))


def _with_sign(text: str, negative: bool, model: Model, width: int) -> str:
    match model.sign:
        case "S_":
            text = ("-" if negative else "+") + text
        case "_S":
            text = text + ("-" if negative else "+")
        case "MI":
            text = text + ("-" if negative else (" " if model.fill else ""))
        case "PR":
            text = f"<{text}>" if negative else (f" {text} " if model.fill else text)
        case _:
            text = f"-{text}" if negative else (f" {text}" if model.fill else text)
    if not model.fill:
        return text
    return text.rjust(width + 1)


# ---- from text ----


def to_number(text: str, model: str | None = None, nls: Nls = DEFAULT) -> int | Decimal:
    """TO_NUMBER with a model.

    Raises:
        OraError: 1722 where the text does not fit the model, 1481 for a wrong model.
    """
    if model is None:
        return parse_number(text, nls)
    parsed = parse_number_model(model)
    invalid = OraError(1722, "invalid number")
    rest = text.strip()
    if parsed.hexadecimal:
        if re.fullmatch(r"[0-9A-Fa-f]+", rest) is None or len(rest) > len(parsed.hexadecimal):
            raise invalid
        return int(rest, 16)
    if parsed.text_minimum or parsed.roman:
        raise OraError(1481, "invalid number format model")
    negative, rest = _read_sign(rest, parsed, invalid)
    marks = {"$": "$", "L": nls.currency, "C": nls.iso_currency, "U": nls.dual_currency}
    mark = marks.get(parsed.currency[-1:])
    if mark is not None:
        rest = rest.removeprefix(mark).removesuffix(mark).strip()
    point, group = nls.numeric_characters[0], nls.numeric_characters[1]
    exponent = 0
    if parsed.scientific:
        mantissa, letter, tail = rest.upper().partition("E")
        if not letter or re.fullmatch(r"[+-]?\d+", tail) is None:
            raise invalid
        rest, exponent = mantissa, int(tail)
    whole, found_point, fraction = rest.partition(point)
    whole = whole.replace(group, "") if any(c in ",G" for c in parsed.whole) else whole
    if found_point and not parsed.has_point:
        raise invalid
    digits_fit = len(whole.lstrip("0")) <= parsed.whole_digits
    if not (whole + fraction).isdecimal() or not digits_fit or len(fraction) > len(parsed.fraction):
        raise invalid
    number = Decimal(f"{whole or 0}.{fraction or 0}").scaleb(exponent - parsed.scale)
    return as_number(-number if negative else number)


def _read_sign(text: str, model: Model, invalid: OraError) -> tuple[bool, str]:
    match model.sign:
        case "MI" | "_S":
            negative = text.endswith("-")
            return negative, text.rstrip("+-").strip() if text[-1:] in "+-" else text
        case "PR":
            negative = text.startswith("<") and text.endswith(">")
            return negative, text[1:-1] if negative else text
        case _:
            negative = text.startswith("-")
            return negative, text[1:].strip() if text[:1] in ("+", "-") else text
