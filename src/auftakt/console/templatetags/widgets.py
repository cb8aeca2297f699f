"""How form fields are drawn."""

from django import template
from django.forms import BoundField, Form
from django.utils.safestring import SafeString

from auftakt.console import forms

register = template.Library()


@register.simple_tag
def control(field: BoundField, name: str = "") -> SafeString:
    """The field's control, with our class, and tied to its help and errors for screen readers. `name` is said of it
    where no label stands beside it."""
    attributes = {} if getattr(field.field.widget, "input_type", "") == "checkbox" else {"class": "input"}
    if name:
        attributes["aria-label"] = str(name)
        if "inputmode" in field.field.widget.attrs:
            attributes["class"] = "input num"
    tied = [f"{field.id_for_label}-help"] if field.help_text else []
    if field.errors:
        attributes["aria-invalid"] = "true"
        tied.append(f"{field.id_for_label}-error")
    if tied:
        attributes["aria-describedby"] = " ".join(tied)
    return field.as_widget(attrs=attributes)


@register.filter
def laid_out(form: Form) -> list[tuple[BoundField, str]]:
    """The fields of a row's card with their widths."""
    return forms.laid_out(form, form.cards)
