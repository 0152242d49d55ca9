"""The operator's side: customers, services, the onboarding wizard's steps and the Microsoft 365 page."""
