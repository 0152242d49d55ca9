"""Serves the portal's built files as a static host would: Azure Static Web Apps, by the portal's own configuration."""
