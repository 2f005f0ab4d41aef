"""Forms of questions: every question has one, and a form says its question again."""

from __future__ import annotations

import pytest
from hypothesis import given

from mpnb import text
from mpnb.errors import NotSupportedError
from mpnb.query.question import Question
from mpnb.widget import form
from tests.strategies import KINDS, questions


@given(questions())
def test_a_form_says_its_question_again(question: Question) -> None:
    try:
        question.to_text()
    except NotSupportedError:
        return  # the language has no words for it, so a form of words has none either
    draft = form.of(question)
    assert draft is not None
    assert text.parse(form.write(draft).text, question.kind) == question
