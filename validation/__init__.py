"""The check of an app registration against Entra ID and Microsoft Graph."""
