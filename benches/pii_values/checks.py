"""Check digits as their standards define them."""


def weighted(digits, weights):
    """The sum of each digit times its weight."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights))


def luhn(body):
    """ISO/IEC 7812-1, annex B: the digit to put after `body`."""
    total = 0
    for at, digit in enumerate(reversed(body)):
        doubled = int(digit) * (2 if at % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10


def iso7064_mod11_10(body):
    """ISO 7064 MOD 11,10."""
    carry = 10
    for digit in body:
        carry = ((int(digit) + carry) % 10 or 10) * 2 % 11
    return (11 - carry) % 10


def mod11_2(body):
    """ISO 7064 MOD 11-2; 10 is X."""
    rest = 0
    for digit in body:
        rest = (rest + int(digit)) * 2 % 11
    return "0123456789X"[(12 - rest) % 11]


def _dihedral(a, b):
    """Multiplication in the group of the ten symmetries of a pentagon."""
    turn = (a + b if a < 5 else a - b) % 5
    return turn + (5 if (a < 5) != (b < 5) else 0)


def verhoeff(body):
    """Verhoeff (1969): the digit to put after `body`."""
    permutation = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
    check = 0
    for at, digit in enumerate(reversed(body), 1):
        value = int(digit)
        for _ in range(at % 8):
            value = permutation[value]
        check = _dihedral(check, value)
    return next(digit for digit in range(10) if _dihedral(check, digit) == 0)


def iban_check(country, bban):
    """ISO 13616: 98 minus the number modulo 97, letters as 10-35."""
    number = "".join(str(int(c, 36)) for c in bban + country + "00")
    return f"{98 - int(number) % 97:02}"
