"""Auftakt: an open order management system."""
