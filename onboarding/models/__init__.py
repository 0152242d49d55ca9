"""Customers, services, registrations and owed work as they come in and go out over HTTP."""

from onboarding.models import customers, me, owed, registrations, services

__all__ = ["customers", "me", "owed", "registrations", "services"]
