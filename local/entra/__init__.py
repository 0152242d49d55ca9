"""A stand-in for Microsoft Entra ID and the few Microsoft Graph calls that the product makes."""
