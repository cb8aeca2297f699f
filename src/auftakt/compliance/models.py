"""Tax rates by destination."""

from django.db import models
from django.db.models import Q

from auftakt.platform.fields import IdField, code_field, rate_field


class TaxRate(models.Model):
    """The rate of a tax category in a country, or a region of it, over a period of days."""

    id = IdField()
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=100, blank=True, default="")
    tax_category = code_field()
    name = models.CharField(max_length=60)  # VAT, MwSt., Sales tax
    rate = rate_field()
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rate__gte=0) & Q(rate__lte=100), name="tax_rate_is_a_percentage"),
        ]
        indexes = [models.Index(fields=["country", "tax_category"], name="tax_rate_by_country")]
