"""Properties that are computed or saved: what a filter, breakdown or metric may name besides text.

Enters: a formula with lettered inputs, or the id of a saved custom property. Leaves: frozen parts.
The surprise: the parts check nothing when made; a question checks them where it uses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mpnb.query.part import quick
from mpnb.query.words import CustomPropertyType, InputResourceType, InputType, ResourceType


@quick
@dataclass(frozen=True)
class PropertyInput:
    """One input of a formula: the property that a letter stands for.

    Attributes:
        name: the property.
        type: type that its values are read as.
        resource_type: whether the event has it or the user.
    """

    name: str
    type: InputType = "string"
    resource_type: InputResourceType = "event"


@quick
@dataclass(frozen=True)
class InlineCustomProperty:
    """A property computed by a formula; `inputs` says what its letters (A to Z) stand for.

    Attributes:
        formula: the formula.
        inputs: what each letter stands for.
        property_type: type of the result; told by the formula when left out.
        resource_type: whether it is a property of events or of people.
    """

    formula: str
    inputs: Mapping[str, PropertyInput]
    property_type: CustomPropertyType | None = None
    resource_type: ResourceType = "events"

    def __hash__(self) -> int:
        return hash((self.formula, tuple(sorted(self.inputs.items(), key=str))))

    @classmethod
    def numeric(cls, formula: str, /, **properties: str) -> InlineCustomProperty:
        """Return a number property over number inputs: `numeric("A * B", A="price", B="qty")`."""
        inputs = {letter: PropertyInput(name, "number") for letter, name in properties.items()}
        return cls(formula, inputs, "number")


@quick
@dataclass(frozen=True)
class CustomPropertyRef:
    """A custom property that is saved in the project, by id.

    Attributes:
        id: its id.
    """

    id: int


PropertySpec = str | CustomPropertyRef | InlineCustomProperty
