"""Who may: users with roles, API keys with scopes."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from auftakt.platform.fields import IdField, code_field


class User(AbstractBaseUser):
    """A person who logs in to the console."""

    id = IdField()
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    roles = ArrayField(code_field(), default=list)
    language = models.CharField(max_length=8, default="en")
    site_code = code_field(blank=True, default="")
    formats = models.CharField(max_length=8, blank=True, default="")  # de-CH; empty: as the language has it
    theme = models.CharField(max_length=8, blank=True, default="")  # light, dark; empty: as the system has it
    density = models.CharField(max_length=16, default="comfortable")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = BaseUserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]


class ApiKey(models.Model):
    """A secret for a program. Only its SHA-256 is stored; the prefix tells keys apart in lists."""

    id = IdField()
    name = models.CharField(max_length=200)
    prefix = models.CharField(max_length=16, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    scopes = ArrayField(code_field(), default=list)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    revoked_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)


class SavedView(models.Model):
    """A list with its filters, order and columns under a name, of one user and, when shared, for all."""

    id = IdField()
    owner = models.ForeignKey(User, models.CASCADE)
    list_name = code_field()
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=4000)
    is_shared = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "list_name", "name"], name="saved_view_once")]
        indexes = [models.Index(fields=["list_name"], name="saved_view_by_list")]


class Layout(models.Model):
    """The columns a user wants to see in a list, in their order."""

    id = IdField()
    user = models.ForeignKey(User, models.CASCADE)
    list_name = code_field()
    columns = ArrayField(code_field(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "list_name"], name="layout_once")]
