"""How form fields are drawn."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The field's control, with our class, and tied to its help and errors for screen readers."""
    attributes = {"class": "input"}
    tied = [f"{field.id_for_label}-help"] if field.help_text else []
    if field.errors:
        attributes["aria-invalid"] = "true"
        tied.append(f"{field.id_for_label}-error")
    if tied:
        attributes["aria-describedby"] = " ".join(tied)
    return field.as_widget(attrs=attributes)
