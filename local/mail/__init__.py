"""A stand-in for Azure Communication Services Email that hands each message to a local SMTP server."""
