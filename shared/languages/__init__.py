"""The languages that administrators are spoken to in: a gettext catalog each, English being in the code itself."""
