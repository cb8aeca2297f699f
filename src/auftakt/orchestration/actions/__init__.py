"""Verbs of orchestration."""

from auftakt.orchestration.actions.advance import advance, drain, retry, start, take_up
from auftakt.orchestration.actions.policies import install_default_policies, publish_policies

__all__ = ["advance", "drain", "install_default_policies", "publish_policies", "retry", "start", "take_up"]
