"""Customers, services and registrations as they come in and go out over HTTP."""

from onboarding.models import customers, me, registrations, services

__all__ = ["customers", "me", "registrations", "services"]
