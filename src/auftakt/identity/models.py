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
