"""The sealing keys, for whoever operates the app: what each is needed for, and sealing anew with the newest one.

A tool beside the app, with the app's own settings, records and store; nothing of the app imports it, and it is not
deployed.
"""
