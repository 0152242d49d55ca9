"""The local cloud: stand-ins for the services that the product stands on, and what starts them.

The app never imports it.
"""
