"""Files, their versions, and who saw them."""

from django.db import models

from auftakt.platform.fields import IdField, code_field


class Document(models.Model):
    """One version of a file about a subject. Content never changes; a correction is a new version."""

    id = IdField()
    kind = code_field()
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    number = code_field(blank=True, default="")
    version = models.IntegerField(default=1)
    language = models.CharField(max_length=8)
    filename = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    content = models.BinaryField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_id", "kind", "version", "language"], name="document_version_once"),
        ]


class DocumentView(models.Model):
    """Somebody opened a document."""

    id = IdField()
    document = models.ForeignKey(Document, models.PROTECT)
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
