"""What may happen to an invitation, and what follows: pure decisions from a service, an input and a time.

A module for each that decides or owes (`operators`, `admins`, `checks`, `expiry`, `mails`), and what they share
(`states`, `links`, `sending`).
"""
