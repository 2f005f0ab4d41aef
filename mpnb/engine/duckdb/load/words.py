"""Eight bytes at a time, compiled: loads from any place, and where a special byte is among them.

Enters: bytes and a place. Leaves: a number of 64 bits, its first byte lowest. The surprise: this
holds for processors that keep the low byte first; on others lines are read in Python.
"""

from __future__ import annotations

from typing import Any

import llvmlite.ir
import numpy as np
from numba import njit, types
from numba.extending import intrinsic

_ir: Any = llvmlite.ir

_ONES = np.uint64(0x0101010101010101)
_HIGH = np.uint64(0x8080808080808080)
_BLANKS = np.uint64(0x2020202020202020)
_QUOTES = np.uint64(0x2222222222222222)
_SLASHES = np.uint64(0x5C5C5C5C5C5C5C5C)


def _word_at(typing: Any, data: Any, at: Any) -> Any:
    """The eight bytes of an array of bytes from a place on, which need not be aligned."""

    def made(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        place = context.cast(builder, args[1], signature.args[1], types.intp)
        byte = builder.gep(array.data, [place], inbounds=True)
        word = builder.bitcast(byte, _ir.IntType(64).as_pointer())
        return builder.load(word, align=1)

    return types.uint64(data, at), made


word_at: Any = intrinsic(_word_at)


def _first_byte(typing: Any, found: Any) -> Any:
    """Which byte of a number that is not zero has the lowest bit that is set."""

    def made(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        zeros = builder.cttz(args[0], _ir.Constant(_ir.IntType(1), 1))
        return builder.lshr(zeros, _ir.Constant(_ir.IntType(64), 3))

    return types.int64(types.uint64), made


first_byte: Any = intrinsic(_first_byte)


@njit(nogil=True, cache=True, inline="always")
def special_bytes(word: Any) -> Any:
    """Zero when no byte is a quote, a backslash or a control character.

    Else the lowest bit that is set lies in the first such byte; higher ones may lie anywhere.
    """
    quote, slash = word ^ _QUOTES, word ^ _SLASHES
    found = ((quote - _ONES) & ~quote) | ((slash - _ONES) & ~slash) | ((word - _BLANKS) & ~word)
    return found & _HIGH


def _borrowed(typing: Any, array: Any) -> Any:
    """The same array without a part in its life, which must be held elsewhere.

    Numba counts the uses of an array at every call that it is handed to, with a locked addition
    each; over all values of a file that takes longer than reading them.
    """

    def made(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        form = context.make_array(signature.return_type)
        known, new = form(context, builder, args[0]), form(context, builder)
        for name in ("nitems", "itemsize", "data", "shape", "strides"):
            setattr(new, name, getattr(known, name))
        for name in ("meminfo", "parent"):
            setattr(new, name, _ir.Constant(getattr(new, name).type, None))
        return new._getvalue()

    return array(array), made


borrowed: Any = intrinsic(_borrowed)
